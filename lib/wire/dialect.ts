/** How points travel: our framing, or the original's one cloud a message. */
export type Dialect = "pointwire" | "original";
