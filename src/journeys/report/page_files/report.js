"use strict";
(() => {
  const config = { responsive: true, displayModeBar: false, displaylogo: false, scrollZoom: false, doubleClick: false };
  const charts = [];
  for (const block of document.querySelectorAll("script[data-figure]")) {
    const chart = document.getElementById(block.dataset.figure);
    const figure = JSON.parse(block.textContent);
    Plotly.newPlot(chart, figure.data, figure.layout, config);
    charts.push(chart);
  }

  // A redrawn Sankey moves into place too slowly for the printer: the finished drawing is made smaller instead.
  const PRINTED_WIDTH = 980;
  const shrink = (chart) => { chart.style.zoom = Math.min(1, PRINTED_WIDTH / chart.querySelector(".main-svg").clientWidth); };
  addEventListener("beforeprint", () => charts.forEach(shrink));
  addEventListener("afterprint", () => charts.forEach((chart) => { chart.style.zoom = ""; }));

  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort ?? cell.textContent.trim();
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const isNumber = head.classList.contains("number");
        const before = head.getAttribute("aria-sort");
        const isDown = before ? before === "ascending" : isNumber;
        const sign = isDown ? -1 : 1;
        const rows = [...table.tBodies[0].rows];
        rows.sort((one, other) => {
          const a = key(one, column), b = key(other, column);
          if (a === "" || b === "") return (a === "") - (b === "");
          return sign * (isNumber ? a - b : a.localeCompare(b));
        });
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
        table.tBodies[0].append(...rows);
      });
    });
  }
})();
