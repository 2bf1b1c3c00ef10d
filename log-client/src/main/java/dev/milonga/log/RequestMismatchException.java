package dev.milonga.log;

/**
 * A request number was used for two different requests, or for one whose outcome the client has
 * said it has learnt. Nothing of this request is durable; the earlier one stands. This is a mistake
 * of the client.
 */
public final class RequestMismatchException extends StoreException {

  /** That request is refused for that reason. */
  public RequestMismatchException(RequestId request, String reason) {
    super(
        "request " + request.sequence() + " of session " + request.session() + ": " + reason,
        Durable.NOTHING,
        null);
  }
}
