/**
 * The exact 95 % interval of a share of which `hits` of `of` were seen (Clopper and Pearson 1934, Biometrika 26:404): the
 * shares for which neither tail of the binomial distribution is below 2.5 %. Found by bisection.
 */
export function clopperPearson(hits: number, of: number): { readonly low: number; readonly high: number } {
  const solve = (tail: (share: number) => number): number => {
    let [low, high] = [0, 1];
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (tail(middle) < 0.025) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return {
    low: hits === 0 ? 0 : solve((share) => 1 - atMost(hits - 1, of, share)),
    high: hits === of ? 1 : 1 - solve((share) => atMost(hits, of, 1 - share)),
  };
}

/** P(X <= hits) of a binomial distribution, by adding up its terms from their logarithms. */
function atMost(hits: number, of: number, share: number): number {
  let sum = 0;
  let logTerm = of * Math.log1p(-share);
  for (let k = 0; k <= hits; k++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((of - k) / (k + 1)) + Math.log(share) - Math.log1p(-share);
  }
  return Math.min(1, sum);
}
