// SPDX-License-Identifier: MIT
/** The third section: the figures of the lesson, in the places that the build left for them. */
import { codeFigure } from './figures/code';
import { curveFigure } from './figures/curve';
import { documentFigure } from './figures/document';
import { overfittingFigure } from './figures/overfitting';
import { uniformFigure } from './figures/uniform';

const emma = [0.0489, 0.1595, 0.2483, 0.4465, 0.1259]; // as in the lesson's first table

const neverSeen = 'Only a P that is really 0 makes the loss infinite. The program never says 0: a character that it has not seen counts as 1/27 · 1/1,114,112 = 3·10⁻⁸, which costs 17.2 nats.';

const draw: Record<string, (host: HTMLElement) => void> = {
  curve: curveFigure,
  code: codeFigure,
  document: (host) => documentFigure(host, 'Build the loss of a document', ['e', 'm', 'm', 'a', 'end'], emma, 3),
  uniform: uniformFigure,
  infinity: (host) => documentFigure(host, 'Make one character impossible', ['z', 'o', 'ë', 'end'], [0.03, 0.07, 0.01, 0.02], 2, neverSeen),
  overfitting: overfittingFigure,
};

export function startLesson(): void {
  for (const host of document.querySelectorAll<HTMLElement>('.figure')) draw[host.dataset.figure!](host);
}
