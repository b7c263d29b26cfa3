/**
 * What can't be seen, or turns other text around: control characters other than tab and line end, and what Unicode
 * counts as format characters or lets a font leave out, such as marks of direction, soft hyphens, fillers and tags.
 */
const UNSEEN = /[\p{Cf}\p{DI}\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/gu;

/** Any text as a reader sees it, and nothing else. */
export const visibleText = (text: string): string => text.replace(UNSEEN, '');
