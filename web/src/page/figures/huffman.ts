// SPDX-License-Identifier: MIT
interface Node {
  p: number;
  leaves: number[];
}

/** The words of the shortest code in which none begins with another one; what has the probability 0 has no word. */
export function huffman(probabilities: number[]): string[] {
  const codes = probabilities.map(() => '');
  let nodes: Node[] = probabilities.map((p, i) => ({ p, leaves: [i] })).filter(({ p }) => p > 0);
  if (nodes.length === 1) codes[nodes[0].leaves[0]] = '0';
  while (nodes.length > 1) {
    nodes.sort((a, b) => b.p - a.p);
    const low = nodes.pop()!;
    const high = nodes.pop()!;
    for (const leaf of high.leaves) codes[leaf] = '0' + codes[leaf];
    for (const leaf of low.leaves) codes[leaf] = '1' + codes[leaf];
    nodes.push({ p: low.p + high.p, leaves: [...high.leaves, ...low.leaves] });
  }
  return codes;
}
