"""The school's page: an application of its own, on a port of its own, for whoever holds a link. It knows no users and no console."""
