/** @file Tabs, of which the URL keeps the selected one: `#draw`, `#training`. */

/**
 * @param {string[]} names of the tabs; the elements are `tab-NAME` and `panel-NAME`
 * @param {(name: string) => void} shown called for the first one too
 * @returns {(name: string) => void} shows a tab
 */
export function setUpTabs(names, shown) {
  const tabs = names.map((name) => document.getElementById(`tab-${name}`));
  const panels = names.map((name) => document.getElementById(`panel-${name}`));

  const select = (name) => {
    const chosen = Math.max(names.indexOf(name), 0);
    tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', `${i === chosen}`);
      tab.tabIndex = i === chosen ? 0 : -1;
      panels[i].hidden = i !== chosen;
    });
    shown(names[chosen]);
  };

  const open = (name) => {
    // Not `location.hash`, which would fill the browser's history.
    history.replaceState(null, '', `#${name}`);
    select(name);
  };

  tabs.forEach((tab, i) => {
    tab.addEventListener('click', () => open(names[i]));
    tab.addEventListener('keydown', (event) => {
      const next = goal(event.key, i, tabs.length);
      if (next === undefined) return;
      event.preventDefault();
      open(names[next]);
      tabs[next].focus();
    });
  });
  const follow = () => select(location.hash.slice(1));
  addEventListener('hashchange', follow);
  follow();
  return open;
}

function goal(key, at, count) {
  return {
    ArrowLeft: (at + count - 1) % count,
    ArrowRight: (at + 1) % count,
    Home: 0,
    End: count - 1,
  }[key];
}
