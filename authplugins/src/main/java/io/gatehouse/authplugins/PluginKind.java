package io.gatehouse.authplugins;

/**
 * The interfaces of plugins (docs/kafka-proxy.md). A plugin runs only when its interface's cookie
 * is in the environment; otherwise it assumes that a person started it by hand.
 */
enum PluginKind {
  PASSWORD("AUTH_PLUGIN", "/proto.PasswordAuthenticator/Authenticate"),
  TOKEN_INFO("GATEWAY_SERVER_PLUGIN", "/proto.TokenInfo/VerifyToken"),
  TOKEN_PROVIDER("GATEWAY_CLIENT_PLUGIN", "/proto.TokenProvider/GetToken");

  static final String COOKIE_VALUE = "hello";

  /** The name of the environment variable. */
  final String cookie;

  /** The gRPC path of the interface's only call. */
  final String method;

  PluginKind(String cookie, String method) {
    this.cookie = cookie;
    this.method = method;
  }
}
