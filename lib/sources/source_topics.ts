/** A topic of a source, for those who want to know what there is. */
export interface SourceTopic {
  name: string;
  /** The type of its messages. */
  type: string;
  /** How many there are, and how many a second, where that is known. */
  messages?: number;
  rate?: number;
  /** What is made of it; nothing where it can't be sent. */
  use?: "points" | "pictures" | "places";
}
