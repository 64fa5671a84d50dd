/* Tabs as the ARIA practices describe them: arrows move, Home and End jump. */
export function wireTabs(root = document) {
  for (const list of root.querySelectorAll("[data-tabs]")) wire(list);
}

function wire(list) {
  const tabs = [...list.querySelectorAll('[role="tab"]')];
  const show = (chosen) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isChosen;
    }
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) show(tab);
  });
  list.addEventListener("keydown", (event) => {
    const place = tabs.indexOf(document.activeElement);
    const goal = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (place < 0 || goal === undefined) return;
    event.preventDefault();
    const tab = tabs.at(goal % tabs.length);
    show(tab);
    tab.focus();
    tab.click();
  });
}
