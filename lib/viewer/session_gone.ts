/**
 * Why playing is aborted when the server has said that the session is over:
 * there is nobody left to hang up on.
 */
export class SessionGone extends Error {
  override name = "SessionGone";
}
