/** A Worker that fails as it is loaded. */
throw new Error("This machine lacks something");
