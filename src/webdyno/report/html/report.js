// Draws the charts. `ast` makes Vega interpret its expressions: the page's policy forbids eval.
(async () => {
  const { config, specs } = JSON.parse(document.getElementById("charts").textContent);
  const options = {
    ast: true,
    actions: false,
    renderer: "svg",
    defaultStyle: false,
    config,
    tooltip: { disableDefaultStyle: true, theme: "page" },
  };
  const drawn = await Promise.allSettled(
    Object.entries(specs).map(async ([id, spec]) => {
      const place = document.getElementById(id);
      try {
        await window.vegaEmbed(place, spec, options);
      } catch (error) {
        place.textContent = `This chart could not be drawn (${error}). The tables hold the same figures.`;
        throw error;
      }
    }),
  );
  document.documentElement.dataset.charts = drawn.every((each) => each.status === "fulfilled") ? "drawn" : "failed";
  // What is folded away on screen belongs on paper too.
  const folded = () => document.querySelectorAll("details:not([open])");
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...folded()];
    opened.forEach((each) => (each.open = true));
  });
  window.addEventListener("afterprint", () => opened.forEach((each) => (each.open = false)));
})();
