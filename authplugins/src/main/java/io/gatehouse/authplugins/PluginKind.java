package io.gatehouse.authplugins;

/**
 * The interfaces of plugins (docs/kafka-proxy.md). A plugin only runs when its interface's cookie
 * is in the environment, which tells a host from somebody who tries the program by hand.
 */
enum PluginKind {
  PASSWORD("AUTH_PLUGIN", "/proto.PasswordAuthenticator/Authenticate"),
  TOKEN_INFO("GATEWAY_SERVER_PLUGIN", "/proto.TokenInfo/VerifyToken"),
  TOKEN_PROVIDER("GATEWAY_CLIENT_PLUGIN", "/proto.TokenProvider/GetToken");

  /** The value of every cookie. */
  static final String COOKIE_VALUE = "hello";

  private final String cookie;
  private final String method;

  PluginKind(String cookie, String method) {
    this.cookie = cookie;
    this.method = method;
  }

  /** The environment variable. */
  String cookie() {
    return cookie;
  }

  /** The path of its one call. */
  String method() {
    return method;
  }
}
