"use strict";
// Draws the long lists of the page from the data inside it: filters, search, permalinks, stories on demand.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const W = data.words;
  const VERDICTS = Object.keys(W.verdicts);
  const PAGE = 60; // items drawn at once: the rest waits for « more »
  const SVG = "http://www.w3.org/2000/svg";
  let language = document.querySelector("input[name=language]:checked").value;

  /** An address may be written by hand: what cannot be decoded is taken as it stands. */
  const plain = (words) => { try { return decodeURIComponent(words); } catch { return words; } };
  /** French as it is set: no line ends after « nor before » : ; ! ? */
  const say = (text) => (!text ? "" : language === "fr" ? text.fr.replace(/(?<=«) | (?=[»:;!?])/g, "\u00a0") : text[language]);
  /** As the server side writes identifiers in addresses: « / » stays readable. */
  const address = (id) => encodeURIComponent(id).replace(/%2F/g, "/").replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const fold = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  /** el("p", {class: "x"}, child, "text"): an element; text is always text, never markup. */
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }

  function mark(verdict, label = true) {
    const svg = document.createElementNS(SVG, "svg");
    const use = document.createElementNS(SVG, "use");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#m-${verdict}`);
    svg.append(use);
    return el("span", { class: `mark ${verdict}` }, svg, label ? el("span", {}, say(W.verdicts[verdict])) : "");
  }

  const seconds = (value) =>
    value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toLocaleString(language, { maximumFractionDigits: 1 })} s`;
  function size(octets) {
    const units = language === "fr" ? ["octets", "ko", "Mo"] : ["bytes", "kB", "MB"];
    const power = octets < 1000 ? 0 : octets < 1e6 ? 1 : 2;
    return `${(octets / 1000 ** power).toLocaleString(language, { maximumFractionDigits: 1 })} ${units[power]}`;
  }

  // ---- Evidence: shown when asked for, from the compressed text inside the page.

  async function inflate(packed) {
    const octets = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text();
  }

  /** In the story of a test; in the list of all evidence, with the tests that it comes from. */
  function proofItem(proof, listed = false) {
    const details = el("details", { class: "proof", id: listed ? `evidence/${proof.sha256}` : null });
    details.append(el("summary", {}, el("strong", {}, proof.name), el("span", { class: "quiet" }, say(W.roles[proof.role])),
      el("span", { class: "quiet" }, `${proof.media_type.split(";")[0]} · ${size(proof.size)}`),
      listed ? el("span", { class: "from quiet" }, say(testsWith.get(proof.sha256)[0].title), variant(testsWith.get(proof.sha256)[0].id), testsWith.get(proof.sha256).length > 1 ? ` (+${testsWith.get(proof.sha256).length - 1})` : "") : ""));
    details.addEventListener("toggle", () => details.open && details.childElementCount === 1 && details.append(proofBody(proof, listed)));
    return details;
  }

  function proofBody(proof, listed) {
    const box = el("div", { class: "inside" });
    const place = el("div");
    const views = el("div", { class: "views" });
    box.append(el("p", { class: "where quiet" }, "SHA-256 ", el("a", { class: "permalink", href: `#evidence/${proof.sha256}` }, el("code", {}, proof.sha256)), ` · ${proof.at.slice(0, 19).replace("T", " ")} UTC`), views, place);
    if (listed) box.append(testsOf(testsWith.get(proof.sha256)));
    const packed = data.texts[proof.sha256];
    const readable = data.readable[proof.sha256];
    const showText = async () => place.replaceChildren(el("pre", { class: "text", tabindex: 0 }, await inflate(packed)));
    const showReadable = async () => {
      // The document is looked at and does nothing: no script, no form, no link. Same origin only to measure it.
      const frame = el("iframe", { sandbox: "allow-same-origin", title: proof.name, srcdoc:
        `<!DOCTYPE html><html lang="${language}"><meta charset="utf-8"><title>${language}</title><style>${data.readable_style}</style><body>${await inflate(readable)}</body></html>` });
      frame.addEventListener("load", () => { frame.style.height = `${Math.min(frame.contentDocument.documentElement.scrollHeight + 4, 640)}px`; });
      place.replaceChildren(frame);
    };
    if (readable) views.append(el("button", { type: "button", onclick: showReadable }, say(W.ui.readable)));
    if (packed) views.append(el("button", { type: "button", onclick: showText }, say(W.ui.source)),
      el("button", { type: "button", onclick: async () => download(proof, await inflate(packed)) }, say(data.header.redacted ? W.ui.download_masked : W.ui.download)));
    if (data.changed[proof.sha256]) place.append(el("p", { class: "fail" }, say(W.ui.changed)));
    else if (!packed) place.append(el("p", { class: "quiet" }, say(W.ui.not_embedded)));
    views.append(el("a", { href: proof.path, download: proof.name }, say(W.ui.original)));
    if (readable) showReadable(); else if (packed) showText();
    return box;
  }

  function download(proof, text) {
    const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain" })), download: proof.name });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  // ---- Findings.

  /** A finding; in the list of all, with the tests that came upon it. */
  function findingItem({ finding, tests, key }, listed) {
    const place = [finding.line && `${say(W.ui.line)} ${finding.line}`, finding.column && `${say(W.ui.column)} ${finding.column}`].filter(Boolean).join(", ");
    const requirements = finding.requirements.map((id) => el("a", { href: `#requirement/${address(id)}` }, id));
    const node = el("article", { class: `finding ${finding.severity}`, id: listed ? `finding/${key}` : null },
      el("div", { class: "head" },
        el("span", { class: "severity" }, say(W.severities[finding.severity])),
        listed ? el("a", { class: "permalink", href: `#finding/${key}` }, el("code", {}, finding.rule)) : el("code", {}, finding.rule),
        listed && tests.length > 1 ? el("strong", { class: "times" }, `× ${tests.length.toLocaleString(language)}`) : "",
        el("span", { class: "quiet" }, `${W.trust_signs[finding.trust] || ""} ${say(W.trust[finding.trust])}`),
        requirements,
        listed && tests.length === 1 ? testLink(tests[0]) : ""),
      el("p", { class: "message" }, say(finding.message)));
    if (finding.beyond_official) node.append(el("p", { class: "where" }, say(W.ui.beyond)));
    if (place || finding.xpath) node.append(el("p", { class: "where" }, place, place && finding.xpath ? " · " : "", finding.xpath ? el("code", {}, finding.xpath) : ""));
    if (finding.excerpt.length) node.append(source(finding));
    if (finding.source) node.append(el("p", { class: "where" }, finding.source));
    if (listed && tests.length > 1) node.append(testsOf([...new Set(tests)]));
    return node;
  }

  const testLink = (test) => el("a", { href: `#test/${address(test.id)}` }, say(test.title), variant(test.id));

  function testsOf(tests) {
    const details = el("details", { class: "proof" }, el("summary", {}, `${say(W.ui.in_tests)} (${tests.length})`));
    details.addEventListener("toggle", () => {
      if (details.open && details.childElementCount === 1) details.append(el("ul", { class: "inside" }, tests.map((test) => el("li", {}, testLink(test)))));
    });
    return details;
  }

  function source(finding) {
    const rows = finding.excerpt.map((line) => {
      const cell = el("td", {}, line.before);
      if (line.marked) cell.append(el("mark", {}, line.marked), line.after);
      return el("tr", { class: line.number === finding.line ? "here" : null }, el("td", {}, String(line.number)), cell);
    });
    const box = el("div", { class: "source", tabindex: 0, role: "region", "aria-label": say(W.ui.excerpt) }, el("table", { role: "presentation" }, el("tbody", {}, rows)));
    // The mark may stand far to the right of a narrow screen.
    requestAnimationFrame(() => { const here = box.querySelector("mark"); if (here && here.offsetLeft + here.offsetWidth > box.clientWidth) box.scrollLeft = here.offsetLeft - 60; });
    return box;
  }

  /** What tells one play of a test from another of the same title: the parameter at the end of its id. */
  function variant(id) {
    const found = id.match(/\[(.+)\]$/);
    return found ? el("span", { class: "variant" }, ` ${found[1]}`) : "";
  }

  // ---- Tests: the story is drawn when it is opened.

  function testItem(test) {
    const details = el("details", { class: "item", id: `test/${address(test.id)}` });
    details.append(el("summary", {}, mark(test.verdict), el("span", { class: "name" }, say(test.title), variant(test.id)),
      el("span", { class: "time" }, test.started_at ? seconds(test.duration) : ""),
      say(test.message) ? el("span", { class: "said" }, say(test.message)) : ""));
    details.addEventListener("toggle", () => details.open && details.childElementCount === 1 && details.append(story(test)));
    return details;
  }

  function story(test) {
    const body = el("div", { class: "body" });
    if (say(test.description)) body.append(el("p", {}, say(test.description)));
    const tags = [...test.requirements.map((id) => el("li", {}, el("a", { href: `#requirement/${address(id)}` }, id))),
      ...test.scenarios.map((id) => el("li", {}, `${say(W.ui.scenario)} ${id}`)), ...test.proofs.map((id) => el("li", {}, `${say(W.ui.proof)} ${id}`))];
    if (tags.length) body.append(el("ul", { class: "tags" }, tags));
    if (test.deviation) body.append(el("p", {}, el("strong", {}, say(W.ui.deviation)), " ", test.deviation));
    const at = (step) => [...test.evidence.filter((one) => one.step === step).map((proof) => proofItem(proof)),
      ...test.findings.filter((one) => one.step === step).map((finding) => findingItem({ finding }, false))];
    const children = (parent) => {
      const steps = test.steps.filter((one) => one.parent === parent);
      return steps.length ? [el("ol", { class: "steps" }, steps.map((step) => el("li", { class: `step ${step.outcome}` },
        el("div", { class: "title" }, el("span", {}, say(step.title), step.outcome === "done" ? "" : el("span", { class: "outcome" }, ` – ${say(W.outcomes[step.outcome])}`)),
          el("span", { class: "time" }, `${step.at.slice(11, 19)}${step.duration === null ? "" : ` · ${seconds(step.duration)}`}`)),
        at(step.number), children(step.number))))] : [];
    };
    const told = children(null);
    if (told.length) body.append(el("h3", {}, say(W.ui.story)), ...told);
    body.append(...at(null));
    if (test.figures.length) body.append(el("h3", {}, say(W.ui.figures)), el("ul", { class: "tags" }, test.figures.map((one) =>
      el("li", {}, `${say(one.title)}${one.label ? ` (${one.label})` : ""} : ${one.value.toLocaleString(language)}${one.total === undefined ? "" : `/${one.total}`}${one.unit === "1" ? "" : ` ${one.unit}`}`))));
    // An exception that says the sentence above again tells nothing more.
    const told_already = [test.message.fr, test.message.en].some((words) => words && test.failure.endsWith(words) && test.failure.length < words.length + 30);
    if (test.failure && !told_already) body.append(el("h3", {}, say(W.ui.account)), el("pre", { class: "text", tabindex: 0 }, test.failure));
    if (test.replay) body.append(el("h3", {}, say(W.ui.replay)), el("pre", { class: "text", tabindex: 0 }, test.replay));
    body.append(el("p", { class: "where quiet" }, el("a", { class: "permalink", href: `#test/${address(test.id)}` }, el("code", {}, test.id))));
    return body;
  }

  // ---- A list with filters. Its state lives in the address: #tests?v=fail&q=words

  class List {
    constructor({ name, filters, place, items, draw, choiceOf, choices, label, words, selects = [] }) {
      Object.assign(this, { name, place, items, draw, choiceOf, choices, label, selects });
      this.filters = filters;
      this.state = { v: new Set(), q: "" };
      this.folded = items.map((item) => fold(words(item)));
      this.build();
    }

    build() {
      if (!this.items.length) return;
      const counts = {};
      for (const item of this.items) counts[this.choiceOf(item)] = (counts[this.choiceOf(item)] || 0) + 1;
      this.search = el("input", { type: "search", placeholder: say(W.ui.search), "aria-label": say(W.ui.search), oninput: () => this.set({ q: this.search.value }) });
      this.search.value = this.state.q;
      this.chips = this.choices.filter((one) => counts[one]).map((one) => {
        const chip = el("button", { type: "button", class: "chip", "data-choice": one, "aria-pressed": String(this.state.v.has(one)), onclick: () => {
          this.state.v.has(one) ? this.state.v.delete(one) : this.state.v.add(one);
          this.set({});
        } }, this.label(one), el("span", { class: "n" }, String(counts[one])));
        return chip;
      });
      const menus = this.selects.map((select) => {
        const menu = el("select", { "aria-label": say(select.title), onchange: () => this.set({ [select.key]: menu.value }) },
          el("option", { value: "" }, say(select.title)), select.values().map(([value, title]) => el("option", { value }, title)));
        menu.value = this.state[select.key] || "";
        return menu;
      });
      this.shown = el("span", { class: "shown", role: "status" });
      this.filters.replaceChildren(this.search, ...this.chips, ...menus, this.shown);
      this.refresh();
    }

    set(change) {
      Object.assign(this.state, change);
      const parts = [];
      for (const [key, value] of Object.entries(this.state)) {
        const words = value instanceof Set ? [...value].join(",") : value;
        if (words) parts.push(`${key}=${encodeURIComponent(words)}`);
      }
      history.replaceState(null, "", `#${this.name}${parts.length ? `?${parts.join("&")}` : ""}`);
      this.refresh();
    }

    restore(query) {
      this.state = { v: new Set(), q: "" };
      for (const part of query.split("&").filter(Boolean)) {
        const [key, value = ""] = part.split("=");
        const words = plain(value);
        this.state[key] = key === "v" ? new Set(words.split(",").filter(Boolean)) : words;
      }
      this.build();
    }

    refresh() {
      const words = fold(this.state.q).split(/\s+/).filter(Boolean);
      this.kept = this.items.filter((item, index) =>
        (!this.state.v.size || this.state.v.has(this.choiceOf(item))) &&
        this.selects.every((select) => !this.state[select.key] || select.matches(item, this.state[select.key])) &&
        words.every((word) => this.folded[index].includes(word)));
      for (const chip of this.chips) chip.setAttribute("aria-pressed", String(this.state.v.has(chip.dataset.choice)));
      this.shown.textContent = this.kept.length === this.items.length ? "" : `${this.kept.length} / ${this.items.length}`;
      this.show();
    }

    show() {
      this.place.replaceChildren();
      this.drawn = 0;
      if (!this.kept.length) this.place.append(el("p", { class: "quiet" }, say(W.ui.nothing)));
      else this.more(PAGE);
    }

    more(count) {
      this.place.querySelector(":scope > .more")?.remove();
      const next = this.kept.slice(this.drawn, this.drawn + count);
      this.place.append(...next.map((item) => this.draw(item)));
      this.drawn += next.length;
      const left = this.kept.length - this.drawn;
      if (left) this.place.append(el("button", { type: "button", class: "more", onclick: () => this.more(PAGE * 2) }, `${say(W.ui.more)} (${left.toLocaleString(language)})`));
    }

    /** Make sure that the item is drawn, whatever the filters, and give its element. */
    reveal(item, id) {
      if (!this.kept.includes(item)) { this.state = { v: new Set(), q: "" }; this.build(); }
      const index = this.kept.indexOf(item);
      if (index >= this.drawn) this.more(index - this.drawn + PAGE);
      return document.getElementById(id);
    }
  }

  /** The rows of the requirements are in the page already: they are hidden and shown. */
  class Rows extends List {
    show() {
      const kept = new Set(this.kept);
      for (const row of this.items) row.hidden = !kept.has(row);
      for (const domain of this.place.querySelectorAll("section.domain")) domain.hidden = !domain.querySelector("tbody tr:not([hidden])");
      this.place.querySelector(".empty").hidden = this.kept.length > 0;
    }
    reveal(row, id) {
      if (row.hidden) { this.state = { v: new Set(), q: "" }; this.build(); }
      return document.getElementById(id);
    }
  }

  // The same rule at the same node is one thing to correct, however many tests come upon it.
  const byNode = new Map();
  for (const test of data.tests) for (const finding of test.findings) {
    const known = byNode.get(finding.fingerprint);
    if (known) known.tests.push(test);
    else byNode.set(finding.fingerprint, { finding, tests: [test], key: finding.fingerprint });
  }
  const testsWith = new Map();
  for (const test of data.tests) for (const proof of test.evidence) {
    const known = testsWith.get(proof.sha256);
    if (!known) testsWith.set(proof.sha256, [test]);
    else if (!known.includes(test)) known.push(test);
  }
  const SEVERITIES = Object.keys(W.severities);
  const findings = [...byNode.values()].sort((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity));
  const proofs = [...new Map(data.tests.flatMap((test) => test.evidence).map((proof) => [proof.sha256, proof])).values()];

  // What needs someone first; within a verdict, the order of the run.
  const sorted = [...data.tests].sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
  const find = (id) => document.getElementById(id);
  const byVerdict = { choices: VERDICTS, label: (one) => mark(one) };
  const requirementSelect = { key: "r", title: W.ui.all_requirements, matches: (test, id) => test.requirements.includes(id),
    values: () => [...new Set(data.tests.flatMap((test) => test.requirements))].sort().map((id) => [id, id]) };
  const profileSelect = { key: "p", title: W.ui.all_profiles, matches: (test, id) => test.profile === id,
    values: () => data.header.profiles.map((profile) => [profile.id, say(profile.title)]) };
  const lists = {};
  function buildLists() {
    lists.requirements = new Rows({ name: "requirements", filters: find("requirement-filters"), place: find("requirements"), ...byVerdict,
      items: [...document.querySelectorAll("#requirements tbody tr")], choiceOf: (row) => row.dataset.verdict, words: (row) => row.dataset.words });
    lists.findings = new List({ name: "findings", filters: find("finding-filters"), place: find("finding-list"), items: findings, draw: (entry) => findingItem(entry, true),
      choiceOf: (entry) => entry.finding.severity, choices: SEVERITIES, label: (one) => el("span", {}, say(W.severities[one])),
      words: ({ finding }) => [finding.rule, finding.message.fr, finding.message.en, finding.xpath, finding.layer, ...finding.requirements].join(" ") });
    lists.tests = new List({ name: "tests", filters: find("test-filters"), place: find("test-list"), items: sorted, draw: testItem, ...byVerdict,
      choiceOf: (test) => test.verdict, selects: data.header.profiles.length > 1 ? [profileSelect, requirementSelect] : [requirementSelect],
      words: (test) => [test.id, test.title.fr, test.title.en, test.message.fr, test.message.en, ...test.requirements].join(" ") });
    lists.evidence = new List({ name: "evidence", filters: find("evidence-filters"), place: find("evidence-list"), items: proofs, draw: (proof) => proofItem(proof, true),
      choiceOf: (proof) => proof.role, choices: Object.keys(W.roles), label: (one) => el("span", {}, say(W.roles[one])),
      words: (proof) => [proof.name, proof.media_type, proof.document_type || "", proof.sha256,
        ...testsWith.get(proof.sha256).flatMap((test) => [test.title.fr, test.title.en, test.id, ...test.requirements])].join(" ") });
  }

  // ---- Permalinks.

  function follow() {
    const [path, query = ""] = location.hash.slice(1).split("?");
    if (lists[path] && query) { lists[path].restore(query); find(path).scrollIntoView(); return; }
    const [kind, rest] = [path.split("/")[0], path.split("/").slice(1).join("/")];
    let node = null;
    if (kind === "test") {
      const test = data.tests.find((one) => one.id === plain(rest));
      if (test) { node = lists.tests.reveal(test, path); node.open = true; }
    } else if (kind === "finding") {
      const entry = findings.find((one) => one.key === rest);
      if (entry) node = lists.findings.reveal(entry, path);
    } else if (kind === "evidence") {
      const proof = proofs.find((one) => one.sha256 === rest);
      if (proof) { node = lists.evidence.reveal(proof, path); node.open = true; }
    } else if (kind === "requirement") {
      const row = document.getElementById(path);
      if (row) node = row.closest("#requirements") ? lists.requirements.reveal(row, path) : row;
    }
    for (const old of document.querySelectorAll(".target")) old.classList.remove("target");
    if (node) { node.classList.add("target"); node.scrollIntoView({ block: "start" }); }
  }

  function speak(chosen) {
    language = chosen;
    document.documentElement.lang = chosen;
    const states = Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.state]));
    buildLists();
    for (const [name, state] of Object.entries(states)) { lists[name].state = state; lists[name].build(); }
  }
  for (const input of document.querySelectorAll("input[name=language]")) input.addEventListener("change", () => speak(input.value));
  addEventListener("hashchange", follow);

  // On paper, what did not pass is told in full.
  addEventListener("beforeprint", () => {
    lists.tests.more?.(300);
    for (const item of document.querySelectorAll("details.item")) {
      const test = data.tests.find((one) => `test/${address(one.id)}` === item.id);
      if (test && test.verdict !== "pass" && !item.open) { if (item.childElementCount === 1) item.append(story(test)); item.open = true; }
    }
  });

  buildLists();
  follow();
})();
