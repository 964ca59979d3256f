/** Panels that the user drags about. */

/** Lets a panel be dragged about the window, and keeps it inside. */
export function makeMovable(panel: HTMLElement): void {
  let grip: { x: number; y: number; shiftX: number; shiftY: number };
  let shift = { x: 0, y: 0 };

  const move = (x: number, y: number) => {
    const { left, top, right, bottom } = panel.getBoundingClientRect();
    const home = { left: left - shift.x, top: top - shift.y };
    const width = right - left;
    const height = bottom - top;
    shift = {
      x: clamp(x, -home.left, innerWidth - width - home.left),
      y: clamp(y, -home.top, innerHeight - height - home.top),
    };
    panel.style.translate = `${shift.x}px ${shift.y}px`;
  };

  panel.addEventListener("pointerdown", (event) => {
    const { target, clientX, clientY, pointerId } = event;
    if (target instanceof Element && target.closest("button") !== null) return;
    grip = { x: clientX, y: clientY, shiftX: shift.x, shiftY: shift.y };
    panel.setPointerCapture(pointerId);
  });
  panel.addEventListener("pointermove", ({ pointerId, clientX, clientY }) => {
    if (!panel.hasPointerCapture(pointerId)) return;
    move(grip.shiftX + clientX - grip.x, grip.shiftY + clientY - grip.y);
  });
  addEventListener("resize", () => {
    if (!panel.hidden && (shift.x !== 0 || shift.y !== 0)) {
      move(shift.x, shift.y);
    }
  });
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
