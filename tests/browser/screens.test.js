// Every screen in both themes: axe-core finds nothing, and a picture is kept for people to look at.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { by, launch, picture, places, readFiles, violations, visit, walkTree } from "./visit.js";

const SIZES = [
  [1440, 900],
  [1024, 768],
];
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

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
