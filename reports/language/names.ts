/** Apart from their words, so that reading an option loads none. */
export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];
