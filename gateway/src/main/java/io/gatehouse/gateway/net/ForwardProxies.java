package io.gatehouse.gateway.net;

import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.identity.Secret;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import java.net.InetSocketAddress;

/** Makes the handler that leads a connection through a forward proxy. */
final class ForwardProxies {

  private ForwardProxies() {}

  /**
   * @param address the proxy's, looked up
   */
  static ProxyHandler handler(ForwardProxy proxy, InetSocketAddress address) {
    Secret password = proxy.password();
    ProxyHandler handler =
        switch (proxy.kind()) {
          case SOCKS5 ->
              password == null
                  ? new Socks5ProxyHandler(address)
                  : new Socks5ProxyHandler(address, proxy.user(), password.reveal());
          case HTTP ->
              password == null || proxy.user() == null
                  ? new HttpProxyHandler(address)
                  : new HttpProxyHandler(address, proxy.user(), password.reveal());
        };
    handler.setConnectTimeoutMillis(0); // the dial has a time limit of its own
    return handler;
  }
}
