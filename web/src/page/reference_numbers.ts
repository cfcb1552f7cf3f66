// SPDX-License-Identifier: MIT
/**
 * Python's own losses, to stand beside those of the replay. None are here yet. They are made so: run microgpt.py under
 * CPython on the list, and print float.hex() of each step's loss, one a line. tests/oracle/oracle.py does that.
 *
 * A key is the SHA-256 of the list, the revision, the seed and the number of steps, with spaces between them: the number of
 * steps is in it, as the learning rate depends on it.
 */
export const referenceNumbers: Record<string, readonly string[]> = {};
