/**
 * `file`: everything in index.html. `dir`: style and script in files of their own, for servers whose policy allows neither
 * inline (Jenkins: `default-src 'none'; style-src 'self'; img-src 'self'`).
 */
export const htmlLayouts = ['file', 'dir'] as const;
export type HtmlLayout = (typeof htmlLayouts)[number];
