// Types that hold other types to their word: `type _ = Expect<Equal<A, B>>` does not compile unless both are the same.

export type Expect<T extends true> = T;

export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export type IsAny<T> = 0 extends 1 & T ? true : false;

/** Neither a type nor what it takes and gives is `any`: a leak of one switches all checks off where it arrives. */
export type NoAny<T> =
  IsAny<T> extends true
    ? false
    : T extends (...args: infer A) => infer R
      ? IsAny<R> extends true
        ? false
        : true extends { [K in keyof A]: IsAny<A[K]> }[number]
          ? false
          : true
      : true;
