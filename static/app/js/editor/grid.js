// Which cell lies beside another, by where they are drawn: merged cells need no special case.

export function neighbour(from, cells, direction) {
  if (direction === "left" || direction === "right") {
    const next = cells.indexOf(from) + (direction === "right" ? 1 : -1);
    return cells[next] ?? null;
  }
  const start = from.getBoundingClientRect();
  const middle = (start.left + start.right) / 2;
  let best = null;
  let bestDistance = Infinity;
  for (const cell of cells) {
    if (cell === from) continue;
    const place = cell.getBoundingClientRect();
    const distance = direction === "down" ? place.top - start.bottom : start.top - place.bottom;
    if (distance < -2) continue;
    const aside = place.left <= middle && middle <= place.right ? 0 : Math.abs((place.left + place.right) / 2 - middle);
    const score = distance + aside * 3;
    if (score < bestDistance) {
      best = cell;
      bestDistance = score;
    }
  }
  return best;
}
