/** As `--format` takes them; who only has to know these need not load what renders. */
export const formatNames = ['html', 'junit', 'json', 'markdown', 'github', 'text'] as const;
export type FormatName = (typeof formatNames)[number];
