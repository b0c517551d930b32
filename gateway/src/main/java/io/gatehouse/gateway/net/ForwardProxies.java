package io.gatehouse.gateway.net;

import io.gatehouse.auth.Secret;
import io.gatehouse.gateway.settings.ForwardProxy;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.tls.TlsContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Sets connections up to go through a forward proxy (SOCKS5 or HTTP CONNECT). */
public final class ForwardProxies {

  private final ForwardProxy proxy;
  private final @Nullable TlsContext tls;

  /**
   * @param tls for the connection to the proxy itself, or null for plaintext
   */
  public ForwardProxies(ForwardProxy proxy, @Nullable TlsContext tls) {
    this.proxy = proxy;
    this.tls = tls;
  }

  HostPort address() {
    return proxy.address();
  }

  /**
   * Adds the handlers that connect through the proxy to a channel that is not connected yet.
   *
   * @param address the proxy's resolved address
   */
  void addHandlers(SocketChannel channel, InetSocketAddress address) {
    ChannelPipeline stages = channel.pipeline();
    if (tls != null) {
      stages.addBefore(
          PlaceholderHandler.NAME,
          null,
          tls.dialling(channel.alloc(), proxy.address().host(), proxy.address().port()));
    }
    stages.addBefore(PlaceholderHandler.NAME, null, handler(address));
  }

  private ProxyHandler handler(InetSocketAddress address) {
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
    handler.setConnectTimeoutMillis(0); // the dial has its own timeout
    return handler;
  }
}
