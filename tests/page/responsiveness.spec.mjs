// The page's thread stays free for whoever uses the page while its workers are busy.
import { expect, longestTask, open, retrain, test, watchTasks } from "./page.mjs";

for (const path of ["/", "/train"]) {
  test(`training leaves the thread of ${path} free`, { tag: "@timed" }, async ({ page }) => {
    await open(page, path);
    await watchTasks(page);
    await retrain(page);
    expect(await longestTask(page)).toBeLessThanOrEqual(200);
  });
}
