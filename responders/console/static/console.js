// Comfort only: every page works without it.
(function () {
  "use strict";
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") { return; }
    if (form.getAttribute("data-sent")) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "1");
    window.setTimeout(function () { form.removeAttribute("data-sent"); }, 8000);
  });
  var back = document.querySelector(".js-back");
  if (back && window.history.length > 1) {
    back.hidden = false;
    back.addEventListener("click", function () { window.history.back(); });
  }
  var print = document.querySelector(".js-print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", function () { window.print(); });
  }
  var selects = document.querySelectorAll(".filter select");
  for (var i = 0; i < selects.length; i += 1) {
    selects[i].addEventListener("change", function () { this.form.submit(); });
  }
}());
