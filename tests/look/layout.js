// What a person would see amiss in a page. Each function returns a list of findings in words.

function name(element) {
  const text = (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 60);
  const mark = element.id ? `#${element.id}` : element.classList.length ? `.${[...element.classList].join(".")}` : "";
  return `${element.tagName.toLowerCase()}${mark} "${text}"`;
}

function shown(element) {
  return element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
}

/** Whether the element is for screen readers only: a box of one pixel, or clipped away. */
function unseen(element) {
  for (let e = element; e && e !== document.body; e = e.parentElement) {
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    if ((box.width <= 1 || box.height <= 1) && style.position === "absolute") return true;
    if (style.clipPath === "inset(50%)") return true;
  }
  return false;
}

/** The page scrolls sideways; named are the elements that make it so. */
function sideways() {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const width = root.clientWidth;
  const scrolls = (e) => e !== document.body && e !== root && ["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowX);
  const within = (e) => { for (let p = e.parentElement; p; p = p.parentElement) if (scrolls(p)) return true; return false; };
  const found = [...document.body.querySelectorAll("*")]
    .filter((e) => shown(e) && !unseen(e) && e.getBoundingClientRect().right > width + 1 && !within(e))
    .slice(0, 8).map((e) => `${Math.round(e.getBoundingClientRect().right)} > ${width}: ${name(e)}`);
  return [`${root.scrollWidth} > ${width}`, ...found];
}

/** Text that its own box hides. Boxes that scroll do not hide. */
function cut() {
  const found = [];
  for (const e of document.body.querySelectorAll("*")) {
    if (!shown(e) || e.closest("svg") || !e.textContent.trim()) continue;
    const style = getComputedStyle(e);
    const hidesX = ["hidden", "clip"].includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1;
    const hidesY = ["hidden", "clip"].includes(style.overflowY) && e.scrollHeight > e.clientHeight + 2;
    if ((hidesX || hidesY) && !unseen(e)) found.push(`${e.scrollWidth}×${e.scrollHeight} in ${e.clientWidth}×${e.clientHeight}: ${name(e)}`);
  }
  return found;
}

/** Cells and other boxes of text out of which the text runs, over what stands beside it. */
function spilt() {
  const found = [];
  for (const e of document.body.querySelectorAll("td, th, li, p, dt, dd, h1, h2, h3, h4, summary, a, button, select, label, figcaption")) {
    if (!shown(e) || unseen(e) || getComputedStyle(e).display.startsWith("inline") || getComputedStyle(e).overflowX !== "visible") continue;
    if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0) found.push(`${e.scrollWidth} > ${e.clientWidth}: ${name(e)}`);
  }
  return found;
}

/** Texts of a drawing that lie on one another or run out of it. */
function drawings() {
  const found = [];
  for (const svg of document.querySelectorAll("svg")) {
    if (!shown(svg)) continue;
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text, g[id^='text_']")]
      .filter((t) => !t.closest("defs") && !(t.tagName === "text" && t.closest("g[id^='text_']")))
      .map((t) => ({ label: (t.textContent || "").trim() || t.id, box: t.getBoundingClientRect(), turned: /rotate\((?!0|-?0[, )])/.test(t.outerHTML.slice(0, 300)) }))
      .filter((t) => t.box.width > 0 && t.box.height > 0);
    const where = svg.getAttribute("aria-label")?.slice(0, 60) || svg.querySelector("title")?.textContent.slice(0, 60) || svg.id;
    for (const t of texts) {
      const out = Math.max(frame.left - t.box.left, t.box.right - frame.right, frame.top - t.box.top, t.box.bottom - frame.bottom);
      if (out > 2) found.push(`${out.toFixed(1)} px out of the drawing: "${t.label}" (${where})`);
    }
    for (let i = 0; i < texts.length; i++) {
      for (let j = i + 1; j < texts.length; j++) {
        const [a, b] = [texts[i], texts[j]];
        if (a.turned || b.turned) continue; // boxes of turned texts overlap where their letters do not
        const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        // A line's box is higher than its letters: a third of it may lie under the next line.
        if (wide > 1 && high > Math.min(a.box.height, b.box.height) / 3) found.push(`"${a.label}" on "${b.label}" (${where})`);
      }
    }
  }
  return found;
}

/** One h1; no level of heading left out. */
function headings() {
  const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((h) => h.checkVisibility() || h.closest("details"));
  const found = [];
  const first = levels.filter((h) => h.tagName === "H1");
  if (first.length !== 1) found.push(`${first.length} h1: ${first.map(name)}`);
  let before = 0;
  for (const h of levels) {
    const level = Number(h.tagName[1]);
    if (level > before + 1) found.push(`h${level} after h${before}: ${name(h)}`);
    before = level;
  }
  return found;
}

/** Pictures without a name; a picture that says nothing is hidden from screen readers. */
function pictures() {
  const found = [];
  for (const e of document.querySelectorAll("img, svg, [role='img']")) {
    if (e.closest("[aria-hidden='true']") || (e.tagName === "svg" && e.parentElement.closest("[role='img']"))) continue;
    const by = (e.getAttribute("aria-labelledby") || "").split(/\s+/).map((id) => document.getElementById(id)?.textContent || "").join(" ");
    const title = [...e.children].find((child) => child.tagName.toLowerCase() === "title")?.textContent || "";
    const words = [e.getAttribute("alt"), e.getAttribute("aria-label"), by, title].map((w) => (w || "").trim()).find(Boolean);
    if (!words) found.push(`no name: ${e.outerHTML.slice(0, 120)}`);
    else if (e.tagName.toLowerCase() === "svg" && e.getAttribute("role") !== "img") found.push(`no role: ${words.slice(0, 60)}`);
  }
  return found;
}

/** Addresses outside the folder that the page links to or draws from. */
function addresses() {
  const outside = (value) => /^(https?:|\/\/|ftp:|file:|javascript:)/i.test(value.trim());
  const found = [];
  for (const e of document.querySelectorAll("[href], [src], [action], [data], [poster], [srcset]")) {
    for (const a of ["href", "src", "action", "data", "poster", "srcset"]) {
      const value = e.getAttribute(a) ?? "";
      if (outside(value)) found.push(`${a}=${value.slice(0, 80)}`);
    }
  }
  return found;
}

/** The letters of the page for each style of type it has, but for code: [family, weight, style, letters]. */
function letters() {
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (["SCRIPT", "STYLE"].includes(e.tagName) || e.closest("pre, code, svg, select")) continue;
    const style = getComputedStyle(e);
    const key = [style.fontFamily, style.fontWeight, style.fontStyle].join("|");
    if (!found.has(key)) found.set(key, new Set());
    for (const letter of walker.currentNode.textContent) found.get(key).add(letter);
  }
  return [...found].map(([key, set]) => [...key.split("|"), [...set].sort().join("")]);
}
