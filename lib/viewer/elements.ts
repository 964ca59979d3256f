/**
 * Finds an element of the page.
 *
 * @throws {TypeError} where the page has none of that id and kind.
 */
export function byId<T extends Element>(
  id: string,
  kind: new () => T,
): T {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new TypeError(`Cannot find ${kind.name} #${id} in the page`);
}

/** Sets an element's text where it is another: a change costs a layout. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows another icon of the page's own in a button. */
export function setIcon(button: HTMLButtonElement, name: string): void {
  button.querySelector("use")?.setAttribute("href", `#icon-${name}`);
}
