import fc from "fast-check";

// The same examples at each run: a test that fails now and then tells nothing. To look for more, change the seed.
fc.configureGlobal({ seed: 20_261_124 });
