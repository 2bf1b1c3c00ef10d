package dev.milonga.log.server.grpc;

import io.grpc.Context;

/**
 * Who makes a call.
 *
 * @param principal empty if the server authenticates nobody
 */
record Caller(String principal, Role role) {

  /** Anybody, where nobody is authenticated. */
  static final Caller ANYBODY = new Caller("", Role.ADMIN);

  static final Context.Key<Caller> KEY = Context.keyWithDefault("milonga-caller", ANYBODY);

  boolean may(Role needed) {
    return role.compareTo(needed) >= 0;
  }

  /** Why a call is refused. */
  String lacks(String call, Role needed) {
    return call + " needs the role " + needed + "; " + principal + " has " + role;
  }
}
