/** The order that Go's sort.Sort leaves: it isn't stable, so equal elements end where its algorithm puts them. */

const longestInsertion = 12;
const shortestNinther = 50;

type Less = (i: number, j: number) => boolean;

interface Data {
  less: Less;
  swap: (i: number, j: number) => void;
}

/**
 * Sorts in place, with the steps of Go's pattern-defeating quicksort (sort.Sort since Go 1.19).
 * @param isLess need not be an order: kubectl's isn't where values are missing
 */
export function goSort<T>(items: T[], isLess: (a: T, b: T) => boolean): void {
  const at = (index: number): T => items[index] as T;
  const data: Data = {
    less: (i, j) => isLess(at(i), at(j)),
    swap: (i, j) => {
      [items[i], items[j]] = [at(j), at(i)];
    },
  };
  if (items.length > 1) quickSort(data, 0, items.length, bitLength(items.length));
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}

/** @param badPivots how many may follow before it gives way to heap sort */
function quickSort(data: Data, from: number, to: number, badPivots: number): void {
  let [wasBalanced, wasPartitioned] = [true, true];
  for (;;) {
    const length = to - from;
    if (length <= longestInsertion || badPivots === 0) {
      (length <= longestInsertion ? insertionSort : heapSort)(data, from, to);
      return;
    }
    if (!wasBalanced) {
      breakPatterns(data, from, to);
      badPivots--;
    }
    const { pivot, isIncreasing } = choosePivot(data, from, to);
    if (wasBalanced && wasPartitioned && isIncreasing && finishSorted(data, from, to)) return;
    if (from > 0 && !data.less(from - 1, pivot)) {
      from = partitionEqual(data, from, to, pivot);
      continue;
    }
    const { middle, wasSorted } = partition(data, from, to, pivot);
    wasPartitioned = wasSorted;
    const [left, right] = [middle - from, to - middle];
    wasBalanced = Math.min(left, right) >= Math.trunc(length / 8);
    if (left < right) {
      quickSort(data, from, middle, badPivots);
      from = middle + 1;
    } else {
      quickSort(data, middle + 1, to, badPivots);
      to = middle;
    }
  }
}

function insertionSort({ less, swap }: Data, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    for (let j = i; j > from && less(j, j - 1); j--) swap(j, j - 1);
  }
}

function heapSort(data: Data, from: number, to: number): void {
  const length = to - from;
  for (let i = Math.trunc((length - 1) / 2); i >= 0; i--) siftDown(data, i, length, from);
  for (let i = length - 1; i >= 0; i--) {
    data.swap(from, from + i);
    siftDown(data, 0, i, from);
  }
}

function siftDown({ less, swap }: Data, start: number, end: number, first: number): void {
  for (let root = start; ;) {
    let child = 2 * root + 1;
    if (child >= end) return;
    if (child + 1 < end && less(first + child, first + child + 1)) child++;
    if (!less(first + root, first + child)) return;
    swap(first + root, first + child);
    root = child;
  }
}

/** Moves three elements in the middle to places that depend on the length alone. */
function breakPatterns({ swap }: Data, from: number, to: number): void {
  const length = to - from;
  const mask = BigInt(2 ** bitLength(length) - 1);
  const middle = from + Math.trunc(length / 4) * 2;
  let random = BigInt(length);
  for (let index = middle - 1; index <= middle + 1; index++) {
    random ^= BigInt.asUintN(64, random << 13n);
    random ^= random >> 7n;
    random ^= BigInt.asUintN(64, random << 17n);
    const other = Number(random & mask);
    swap(index, from + (other >= length ? other - length : other));
  }
}

/** The median of three, or of three medians; turns the range around when it seems to be in falling order. */
function choosePivot(data: Data, from: number, to: number): { pivot: number; isIncreasing: boolean } {
  const length = to - from;
  const mostSwaps = 12;
  let swaps = 0;
  const ordered = (a: number, b: number): [number, number] => {
    if (!data.less(b, a)) return [a, b];
    swaps++;
    return [b, a];
  };
  const median = (a: number, b: number, c: number): number => {
    const [low, high] = ordered(a, b);
    const [middle] = ordered(high, c);
    return ordered(low, middle)[1];
  };
  const quarters = [1, 2, 3].map((quarter) => from + Math.trunc(length / 4) * quarter);
  const medians = length >= shortestNinther ? quarters.map((i) => median(i - 1, i, i + 1)) : quarters;
  const [a = from, b = from, c = from] = medians;
  const pivot = median(a, b, c);
  if (swaps !== mostSwaps) return { pivot, isIncreasing: swaps === 0 };
  reverse(data, from, to);
  return { pivot: to - 1 - (pivot - from), isIncreasing: true };
}

function reverse({ swap }: Data, from: number, to: number): void {
  for (let [i, j] = [from, to - 1]; i < j; i++, j--) swap(i, j);
}

/** Whether the range is sorted, after at most five elements have been put into their places. */
function finishSorted({ less, swap }: Data, from: number, to: number): boolean {
  let i = from + 1;
  for (let step = 0; step < 5; step++) {
    while (i < to && !less(i, i - 1)) i++;
    if (i === to) return true;
    if (to - from < shortestNinther) return false;
    swap(i, i - 1);
    if (i - from >= 2) for (let j = i - 1; j >= 1 && less(j, j - 1); j--) swap(j, j - 1);
    if (to - i >= 2) for (let j = i + 1; j < to && less(j, j - 1); j++) swap(j, j - 1);
  }
  return false;
}

/** Puts what is less than the pivot before it, and the rest behind. */
function partition(
  { less, swap }: Data,
  from: number,
  to: number,
  pivot: number,
): { middle: number; wasSorted: boolean } {
  swap(from, pivot);
  let [i, j] = [from + 1, to - 1];
  for (let wasSorted = true; ; wasSorted = false) {
    while (i <= j && less(i, from)) i++;
    while (i <= j && !less(j, from)) j--;
    if (i > j) {
      swap(j, from);
      return { middle: j, wasSorted };
    }
    swap(i++, j--);
  }
}

/** In a range without anything less than the pivot, puts its equals first; returns where the greater ones begin. */
function partitionEqual({ less, swap }: Data, from: number, to: number, pivot: number): number {
  swap(from, pivot);
  let [i, j] = [from + 1, to - 1];
  for (;;) {
    while (i <= j && !less(from, i)) i++;
    while (i <= j && less(from, j)) j--;
    if (i > j) return i;
    swap(i++, j--);
  }
}
