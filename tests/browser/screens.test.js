// Every screen in both themes: axe-core finds nothing, and a picture is kept for people to look at.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { by, launch, picture, places, readFiles, visit, walkTree } from "./visit.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = [
  [1440, 900],
  [1024, 768],
];
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

async function violations(page) {
  // Evaluated, not added as a script, which the page's policy would rightly block.
  await page.evaluate(axe);
  const result = await page.evaluate(() =>
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

for (const theme of ["dark", "light"]) {
  for (const size of SIZES) {
    const name = (screen) => `${screen}-${theme}-${size.join("x")}`;
    test(`empty, import and main, ${theme}, ${size.join(" by ")}`, async () => {
      const { page, end } = await visit(browser, { theme, size });
      await by(page, "landing").waitFor();
      await picture(page, name("empty"));
      const found = { empty: await violations(page) };
      await readFiles(page, places.sample, "folder-input");
      await picture(page, name("import"));
      found.import = await violations(page);
      await by(page, "open-topology").click();
      await page.locator('main[data-ready="true"]').waitFor();
      await picture(page, name("main"));
      found.main = await violations(page);
      await walkTree(page, /^Pod /);
      await by(page, "inspector").getByText("Pod in ").first().waitFor();
      await picture(page, name("pod"));
      found.pod = await violations(page);
      assert.deepEqual(found, { empty: [], import: [], main: [], pod: [] });
      await end();
    });
  }
}
