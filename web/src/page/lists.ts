// SPDX-License-Identifier: MIT
/** Lists to begin with. Their facts are common knowledge; three of them are made by a rule. */
import namesUrl from '../../../data/names.txt?url';
import { bytesOf } from '../module/microgpt';
import { roman, words } from './number_words';

export const namesAddress = new URL(namesUrl, location.href).href;

export interface List {
  id: string;
  label: string;
  /** What it is, in a sentence. */
  about: string;
  /** Its first lines, where all of it is fetched only when it is needed. */
  beginning?: string[];
  bytes(): Promise<Uint8Array>;
}

const elements =
  'hydrogen helium lithium beryllium boron carbon nitrogen oxygen fluorine neon sodium magnesium aluminium silicon phosphorus sulfur chlorine argon potassium calcium scandium titanium vanadium chromium manganese iron cobalt nickel copper zinc gallium germanium arsenic selenium bromine krypton rubidium strontium yttrium zirconium niobium molybdenum technetium ruthenium rhodium palladium silver cadmium indium tin antimony tellurium iodine xenon caesium barium lanthanum cerium praseodymium neodymium promethium samarium europium gadolinium terbium dysprosium holmium erbium thulium ytterbium lutetium hafnium tantalum tungsten rhenium osmium iridium platinum gold mercury thallium lead bismuth polonium astatine radon francium radium actinium thorium protactinium uranium neptunium plutonium americium curium berkelium californium einsteinium fermium mendelevium nobelium lawrencium rutherfordium dubnium seaborgium bohrium hassium meitnerium darmstadtium roentgenium copernicium nihonium flerovium moscovium livermorium tennessine oganesson'.split(' ');

const constellations =
  'Andromeda,Antlia,Apus,Aquarius,Aquila,Ara,Aries,Auriga,Boötes,Caelum,Camelopardalis,Cancer,Canes Venatici,Canis Major,Canis Minor,Capricornus,Carina,Cassiopeia,Centaurus,Cepheus,Cetus,Chamaeleon,Circinus,Columba,Coma Berenices,Corona Australis,Corona Borealis,Corvus,Crater,Crux,Cygnus,Delphinus,Dorado,Draco,Equuleus,Eridanus,Fornax,Gemini,Grus,Hercules,Horologium,Hydra,Hydrus,Indus,Lacerta,Leo,Leo Minor,Lepus,Libra,Lupus,Lynx,Lyra,Mensa,Microscopium,Monoceros,Musca,Norma,Octans,Ophiuchus,Orion,Pavo,Pegasus,Perseus,Phoenix,Pictor,Pisces,Piscis Austrinus,Puppis,Pyxis,Reticulum,Sagitta,Sagittarius,Scorpius,Sculptor,Scutum,Serpens,Sextans,Taurus,Telescopium,Triangulum,Triangulum Australe,Tucana,Ursa Major,Ursa Minor,Vela,Virgo,Volans,Vulpecula'.split(',');

/** Such as BX-2047-K: a family, a year's two digits, a number, and a letter that checks the digits. One sequence, always the same. */
function codes(): string[] {
  const families = ['AX', 'BX', 'CT', 'DR', 'KL', 'MN'];
  let state = 1;
  const below = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Array.from({ length: 800 }, () => {
    const digits = String(18 + below(9)) + String(below(100)).padStart(2, '0');
    const sum = [...digits].reduce((total, digit, i) => total + (i + 1) * +digit, 0);
    return `${families[below(families.length)]}-${digits}-${'ABCDEFGHJKL'[sum % 11]}`;
  });
}

const ofLines = (lines: () => string[]) => async () => bytesOf(lines().join('\n') + '\n');

export const lists: List[] = [
  {
    id: 'names',
    label: 'names',
    about: '32,257 first names that were given in the US in 2018, such as these.',
    beginning: 'emma olivia ava isabella sophia charlotte mia amelia harper evelyn abigail emily'.split(' '),
    async bytes() {
      const response = await fetch(namesAddress).catch(() => undefined);
      if (!response?.ok) throw new Error('the names could not be fetched; take another list, or try again when there is a network');
      return new Uint8Array(await response.arrayBuffer());
    },
  },
  { id: 'elements', label: 'elements', about: 'The 118 chemical elements.', bytes: ofLines(() => elements) },
  { id: 'constellations', label: 'constellations', about: 'The 88 constellations, by their Latin names.', bytes: ofLines(() => constellations) },
  {
    id: 'romans',
    label: 'Roman numerals',
    about: 'The numbers from 1 to 1000 as Roman numerals: seven letters, and a rule to find.',
    bytes: ofLines(() => Array.from({ length: 1000 }, (_, i) => roman(i + 1))),
  },
  {
    id: 'numbers',
    label: 'numbers in words',
    about: 'The numbers from one to one thousand, in words. A rule makes them, so a model can get far.',
    bytes: ofLines(() => Array.from({ length: 1000 }, (_, i) => words(i + 1))),
  },
  {
    id: 'codes',
    label: 'product codes',
    about: '800 codes by a rule: a family, four digits, and a letter that checks the digits. The letter is hard to learn.',
    bytes: ofLines(codes),
  },
];

export const listOf = (id: string) => lists.find((list) => list.id === id);
