package io.gatehouse.gateway.listen;

import io.gatehouse.gateway.flow.StageEvent;
import io.gatehouse.gateway.settings.ProxyHeader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.ProtocolDetectionState;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Reads an optional or required PROXY protocol header of version 1 or 2, then removes itself. */
final class ProxyHeaderStage extends ByteToMessageDecoder {

  /** Length in bytes after which both versions can be told apart from anything else. */
  private static final int SIGNATURE = 12;

  private static final byte[] VERSION_2 = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };
  private static final byte[] VERSION_1 = {'P', 'R', 'O', 'X', 'Y', ' '};

  private final ProxyHeader settings;

  ProxyHeaderStage(ProxyHeader settings) {
    this.settings = settings;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (mayStartWith(in, VERSION_1) || mayStartWith(in, VERSION_2)) {
      if (HAProxyMessageDecoder.detectProtocol(in).state() == ProtocolDetectionState.DETECTED) {
        read(context);
      } else if (in.readableBytes() >= SIGNATURE) {
        refuse(context, "the PROXY header cannot be read");
      }
    } else if (settings.mode() == ProxyHeader.Mode.REQUIRED) {
      refuse(context, "there is no PROXY header");
    } else {
      context.pipeline().remove(this);
    }
  }

  /** Whether the bytes received so far match the beginning of a signature. */
  private static boolean mayStartWith(ByteBuf in, byte[] signature) {
    for (int i = 0; i < Math.min(in.readableBytes(), signature.length); i++) {
      if (in.getByte(in.readerIndex() + i) != signature[i]) {
        return false;
      }
    }
    return true;
  }

  private void read(ChannelHandlerContext context) {
    InetAddress peer = ((InetSocketAddress) context.channel().remoteAddress()).getAddress();
    if (!settings.isTrusted(peer)) {
      refuse(context, "a PROXY header from " + peer.getHostAddress() + ", which is not trusted");
      return;
    }
    context.pipeline().addAfter(context.name(), null, new Address());
    context.pipeline().replace(this, null, new HAProxyMessageDecoder());
  }

  private void refuse(ChannelHandlerContext context, String why) {
    context.fireUserEventTriggered(new StageEvent.BadProxyHeader(why));
    context.close();
  }

  /** Passes the client's address on from the decoded header, then removes itself. */
  private static final class Address extends SimpleChannelInboundHandler<HAProxyMessage> {

    @Override
    protected void channelRead0(ChannelHandlerContext context, HAProxyMessage header) {
      byte[] source =
          header.sourceAddress() == null
              ? null
              : NetUtil.createByteArrayFromIpAddressString(header.sourceAddress());
      // LOCAL and UNKNOWN: a connection of the balancer itself, such as a health check
      if (header.command() == HAProxyCommand.PROXY && source != null) {
        try {
          context.fireUserEventTriggered(
              new StageEvent.ProxiedClient(
                  new InetSocketAddress(InetAddress.getByAddress(source), header.sourcePort())));
        } catch (UnknownHostException e) {
          throw new IllegalStateException("an address of neither 4 nor 16 bytes", e);
        }
      }
      context.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (cause instanceof DecoderException) {
        context.fireUserEventTriggered(
            new StageEvent.BadProxyHeader(
                "the PROXY header cannot be read: " + cause.getMessage()));
      } else {
        context.fireExceptionCaught(cause);
      }
    }
  }
}
