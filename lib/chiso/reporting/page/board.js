(function () {
  "use strict";
  var form = document.querySelector("form[data-for=board]"), table = document.getElementById("board");
  if (!form || !table || !form.hidden) return;
  var names = ["search", "status", "due", "owner", "unit"], mark = "#board?";
  var count = form.querySelector("output"), badges = [], rows = [];
  var list = function (root, selector) { return Array.prototype.slice.call(root.querySelectorAll(selector)); };
  var fold = function (words) {
    return words.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/\u0111/g, "d");
  };

  list(document, "#board-badges > [data-status]").forEach(function (b) {
    badges.push({ status: b.dataset.status, badge: b.firstElementChild });
  });
  list(table, "tr[data-item]").forEach(function (tr) {
    var row = {
      tr: tr, words: fold(tr.textContent), owner: tr.dataset.owner, status: tr.dataset.status, units: {},
      days: "days" in tr.dataset ? Number(tr.dataset.days) : null, parts: {}
    };
    ["indicator", "value", "target", "status", "past"].forEach(function (name) {
      var cell = tr.querySelector(".board-" + name);
      row.parts[name] = { cell: cell, own: Array.prototype.slice.call(cell.childNodes) };
    });
    (tr.dataset.units ? tr.dataset.units.split("|") : []).forEach(function (entry) {
      var f = entry.split(";"), how = badges[f[2]];
      row.units[f[0]] = { value: f[1], status: how.status, badge: how.badge, indicator: f[3], target: f[4] };
    });
    rows.push(row);
  });

  function put(part, nodes) {
    while (part.cell.firstChild) part.cell.removeChild(part.cell.firstChild);
    nodes.forEach(function (node) { part.cell.appendChild(node); });
  }
  function show(row, figure) {
    var p = row.parts;
    ["indicator", "value", "target"].forEach(function (name) {
      put(p[name], figure && figure[name] !== undefined ? [document.createTextNode(figure[name])] : p[name].own);
    });
    put(p.status, figure ? [figure.badge.cloneNode(true)] : p.status.own);
    put(p.past, figure ? [] : p.past.own);
  }
  function due(days) {
    if (days === null) return ["undated"];
    if (days < 0) return ["overdue"];
    return days <= 7 ? ["week", "month"] : days <= 30 ? ["month"] : ["later"];
  }
  function field(name) { return form.elements.namedItem(name); }
  function value(name) { return field(name) ? field(name).value : ""; }

  function apply() {
    var want = {}, shown = 0, unit = field("unit"), chosen = unit && unit.value ? unit.selectedIndex - 1 : -1;
    names.forEach(function (name) { want[name] = value(name); });
    var words = fold(want.search).split(/\s+/).filter(Boolean);
    rows.forEach(function (row) {
      var figure = chosen < 0 ? null : row.units[chosen], status = figure ? figure.status : row.status;
      var fits = (chosen < 0 || figure) && (!want.status || want.status === status)
        && (!want.owner || want.owner === row.owner)
        && (!want.due || (due(row.days).indexOf(want.due) >= 0 && (want.due === "undated" || status !== "met")))
        && words.every(function (word) { return row.words.indexOf(word) >= 0; });
      show(row, figure || null);
      row.tr.hidden = !fits;
      if (fits) shown += 1;
    });
    list(table, "tbody").forEach(function (body) {
      body.hidden = !list(body, "tr[data-item]").some(function (tr) { return !tr.hidden; });
    });
    var told = shown ? (chosen < 0 ? table.dataset.shown : table.dataset.unit) : table.dataset.none;
    var fill = { shown: shown, all: rows.length, unit: chosen < 0 ? "" : unit.options[unit.selectedIndex].text };
    count.textContent = told.replace(/\{(shown|all|unit)\}/g, function (_, name) { return fill[name]; });
    table.classList.toggle("of-unit", chosen >= 0);
    form.classList.toggle("filtered", names.some(function (name) { return want[name]; }));
  }
  function keep() {
    var state = new URLSearchParams();
    names.forEach(function (name) { if (value(name)) state.set(name, value(name)); });
    if (state.toString()) history.replaceState(null, "", mark + state);
    else if (location.hash.indexOf(mark) === 0) history.replaceState(null, "", "#board");
  }
  function fill(state) {
    names.forEach(function (name) {
      var control = field(name);
      if (!control) return;
      control.value = state.get(name) || "";
      if (control.selectedIndex === -1) control.selectedIndex = 0;
    });
  }
  function read(move) {
    if (location.hash.indexOf(mark) === 0) {
      var state = new URLSearchParams(location.hash.slice(mark.length));
      fill(state);
      if (move) form.scrollIntoView();
    }
    apply();
  }

  form.hidden = false;
  form.addEventListener("input", function () { apply(); keep(); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function (event) {
    event.preventDefault();  // the event comes before the fields are empty
    fill(new URLSearchParams());
    apply();
    keep();
  });
  list(document, "a[data-board]").forEach(function (a) { a.href = mark + a.dataset.board; });
  window.addEventListener("hashchange", function () { read(true); });
  window.addEventListener("beforeprint", apply);
  read(true);
})();
