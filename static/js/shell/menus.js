/* Menus are <details class="menu">: they open without scripts. This closes them on Escape, on a click
 * elsewhere and when the keyboard leaves them. */
export function wireMenus() {
  document.addEventListener("click", (event) => closeAll((menu) => !menu.contains(event.target)));
  document.addEventListener("focusin", (event) => closeAll((menu) => !menu.contains(event.target)));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    closeAll((menu) => {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      return true;
    });
  });
}

function closeAll(condition) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (condition(menu)) menu.open = false;
  }
}
