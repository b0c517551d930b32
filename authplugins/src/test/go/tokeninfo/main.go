// A plugin that checks tokens: it takes those that end with --suffix.
package main

import (
	"context"
	"flag"
	"strings"

	"github.com/golang/protobuf/proto"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

type request struct {
	Token  string   `protobuf:"bytes,1,opt,name=token,proto3"`
	Params []string `protobuf:"bytes,2,rep,name=params,proto3"`
}

func (m *request) Reset()         { *m = request{} }
func (m *request) String() string { return "request" }
func (*request) ProtoMessage()    {}

type response struct {
	Success bool  `protobuf:"varint,1,opt,name=success,proto3"`
	Status  int32 `protobuf:"varint,2,opt,name=status,proto3"`
}

func (m *response) Reset()         { *m = response{} }
func (m *response) String() string { return proto.CompactTextString(m) }
func (*response) ProtoMessage()    {}

type tokens struct {
	plugin.Plugin
	suffix string
}

func (t *tokens) verify(in *request) *response {
	if strings.HasSuffix(in.Token, t.suffix) {
		return &response{Success: true}
	}
	return &response{Status: 7}
}

func (t *tokens) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "proto.TokenInfo",
		HandlerType: (*interface{})(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "VerifyToken",
			Handler: func(_ interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
				in := new(request)
				if err := decode(in); err != nil {
					return nil, err
				}
				return t.verify(in), nil
			},
		}},
	}, t)
	return nil
}

func (t *tokens) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (interface{}, error) {
	return nil, nil
}

func main() {
	suffix := flag.String("suffix", "", "how a token that is taken ends")
	flag.Parse()
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: 1, MagicCookieKey: "GATEWAY_SERVER_PLUGIN", MagicCookieValue: "hello"},
		Plugins:    map[string]plugin.Plugin{"tokenInfo": &tokens{suffix: *suffix}},
		GRPCServer: plugin.DefaultGRPCServer,
	})
}
