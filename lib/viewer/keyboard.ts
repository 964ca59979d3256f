/** The page's keys. */

/** Keys of a control that has the focus, which it understands itself. */
const OWN_KEYS: ReadonlyMap<string, RegExp> = new Map([
  ["select", /^(.|Arrow.*)$/],
  ["input", /^( |Arrow.*)$/],
  ["button", /^ $/],
  ["summary", /^ $/],
]);

/**
 * Listens for keys, wherever the focus is; an element with `data-page-keys`
 * keeps none for itself.
 *
 * @param actions what to do for each key, in lower case.
 * @param onOther called for every other key; returns whether it did something.
 */
export function listenForKeys(
  actions: Readonly<Record<string, () => void>>,
  onOther: (key: string, shift: boolean) => boolean,
): void {
  const actionOf = new Map(Object.entries(actions));
  addEventListener("keydown", (event) => {
    const { key, target, altKey, ctrlKey, metaKey, shiftKey } = event;
    if (altKey || ctrlKey || metaKey || !(target instanceof Element)) return;
    if (target.closest("dialog") !== null) return;
    const isOwn = OWN_KEYS.get(target.localName)?.test(key);
    if (isOwn && !target.hasAttribute("data-page-keys")) return;
    const action = actionOf.get(key.toLowerCase());
    if (action !== undefined) action();
    else if (!onOther(key, shiftKey)) return;
    event.preventDefault();
  });
}
