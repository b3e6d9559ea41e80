"""The console (工作台): what the bureau's staff open in a browser. It reads through pipeline.store and changes state only through
responders.actions."""
