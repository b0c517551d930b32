// A plugin that provides tokens: --token, repeated --times times.
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
	Params []string `protobuf:"bytes,1,rep,name=params,proto3"`
}

func (m *request) Reset()         { *m = request{} }
func (m *request) String() string { return proto.CompactTextString(m) }
func (*request) ProtoMessage()    {}

type response struct {
	Success bool   `protobuf:"varint,1,opt,name=success,proto3"`
	Status  int32  `protobuf:"varint,2,opt,name=status,proto3"`
	Token   string `protobuf:"bytes,3,opt,name=token,proto3"`
}

func (m *response) Reset()         { *m = response{} }
func (m *response) String() string { return "response" }
func (*response) ProtoMessage()    {}

type tokens struct {
	plugin.Plugin
	token string
}

func (t *tokens) get() *response {
	if t.token == "" {
		return &response{Status: 1}
	}
	return &response{Success: true, Token: t.token}
}

func (t *tokens) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "proto.TokenProvider",
		HandlerType: (*interface{})(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "GetToken",
			Handler: func(_ interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
				if err := decode(new(request)); err != nil {
					return nil, err
				}
				return t.get(), nil
			},
		}},
	}, t)
	return nil
}

func (t *tokens) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (interface{}, error) {
	return nil, nil
}

func main() {
	token := flag.String("token", "", "the token")
	times := flag.Int("times", 1, "how often it is repeated, for long ones")
	flag.Parse()
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: 1, MagicCookieKey: "GATEWAY_CLIENT_PLUGIN", MagicCookieValue: "hello"},
		Plugins:    map[string]plugin.Plugin{"tokenProvider": &tokens{token: strings.Repeat(*token, *times)}},
		GRPCServer: plugin.DefaultGRPCServer,
	})
}
