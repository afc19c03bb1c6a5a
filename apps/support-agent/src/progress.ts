/** A progress line on a terminal, a few plain lines anywhere else. */
export function progress(
  label: string,
  stream: NodeJS.WriteStream = process.stderr,
): (done: number, total: number) => void {
  const width = 30;
  let shown = -1;
  return (done, total) => {
    const part = total === 0 ? 1 : done / total;
    if (stream.isTTY) {
      const filled = Math.round(part * width);
      stream.write(`\r${label.padEnd(22)} ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done}/${total}`);
      if (done === total) stream.write('\n');
      return;
    }
    const quarter = Math.floor(part * 4);
    if (quarter === shown) return;
    shown = quarter;
    stream.write(`${label.padEnd(22)} ${done}/${total}\n`);
  };
}
