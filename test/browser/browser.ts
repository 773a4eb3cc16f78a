/** Debian's Chromium, one for all tests of a file; a test that needs it is skipped, with the reason, where it is not installed. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context } from 'mocha';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executable = process.env['IPVET_CHROMIUM'] ?? '/usr/bin/chromium';

export interface Opened {
  readonly page: Page;
  /** What the page complained of: errors, refused by a policy, requests to elsewhere. */
  readonly complaints: readonly string[];
}

let browser: Browser | undefined;
let directory: string | undefined;

/** For `before`: starts the browser, or skips everything below. */
export async function launched(context: Context): Promise<void> {
  if (!existsSync(executable)) {
    const name = context.test?.parent;
    if (name !== undefined) name.title += ` (no ${executable}: apt-get install --no-install-recommends chromium)`;
    context.skip();
  }
  // As root Chromium has no sandbox of its own; what it shows are our own files.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: executable, args });
  directory = mkdtempSync(join(tmpdir(), 'ipvet-browser-'));
}

export async function closed(): Promise<void> {
  await browser?.close();
  browser = undefined;
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  directory = undefined;
}

/** Opens a page from a file, as somebody does who was sent it. */
export async function opened(content: string, options: BrowserContextOptions = {}): Promise<Opened> {
  if (directory === undefined) throw new Error('the browser was not launched');
  const file = join(directory, 'index.html');
  writeFileSync(file, content);
  return visited(pathToFileURL(file).href, options);
}

/** Opens an address in a context of its own, whose page is closed with the browser. */
export async function visited(url: string, options: BrowserContextOptions = {}): Promise<Opened> {
  if (browser === undefined) throw new Error('the browser was not launched');
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}
