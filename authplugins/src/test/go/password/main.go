// A plugin that checks passwords: of one user, --username and --password.
package main

import (
	"context"
	"flag"
	"os"
	"time"

	"github.com/golang/protobuf/proto"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type credentials struct {
	Username string `protobuf:"bytes,1,opt,name=username,proto3"`
	Password string `protobuf:"bytes,2,opt,name=password,proto3"`
}

func (m *credentials) Reset()         { *m = credentials{} }
func (m *credentials) String() string { return "credentials" }
func (*credentials) ProtoMessage()    {}

type authentication struct {
	Authenticated bool  `protobuf:"varint,1,opt,name=authenticated,proto3"`
	Status        int32 `protobuf:"varint,2,opt,name=status,proto3"`
}

func (m *authentication) Reset()         { *m = authentication{} }
func (m *authentication) String() string { return proto.CompactTextString(m) }
func (*authentication) ProtoMessage()    {}

type users struct {
	plugin.Plugin
	name, password string
	log            hclog.Logger
}

func (u *users) authenticate(in *credentials) (*authentication, error) {
	u.log.Info("asked", "length", len(in.Password))
	switch in.Username {
	case "crash":
		os.Stderr.WriteString("panic: as asked\n")
		os.Exit(3)
	case "slow":
		time.Sleep(time.Minute)
	case "refuse":
		return nil, status.Error(codes.PermissionDenied, "not with me: 100%")
	case "broken":
		return nil, status.Error(codes.Internal, "no directory")
	case "status":
		return &authentication{Status: -7}, nil
	}
	return &authentication{Authenticated: in.Username == u.name && in.Password == u.password}, nil
}

func (u *users) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "proto.PasswordAuthenticator",
		HandlerType: (*interface{})(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "Authenticate",
			Handler: func(_ interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
				in := new(credentials)
				if err := decode(in); err != nil {
					return nil, err
				}
				return u.authenticate(in)
			},
		}},
	}, u)
	return nil
}

func (u *users) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (interface{}, error) {
	return nil, nil
}

func main() {
	name := flag.String("username", "", "who may log in")
	password := flag.String("password", os.Getenv("SASL_PASSWORD"), "with what")
	netrpc := flag.Bool("netrpc", false, "serve Go's own RPC instead of gRPC")
	flag.Parse()
	logger := hclog.New(&hclog.LoggerOptions{Output: os.Stderr, Level: hclog.Trace, JSONFormat: true})
	config := &plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: 1, MagicCookieKey: "AUTH_PLUGIN", MagicCookieValue: "hello"},
		Plugins: map[string]plugin.Plugin{
			"passwordAuthenticator": &users{name: *name, password: *password, log: logger}},
		Logger: logger,
	}
	if !*netrpc {
		config.GRPCServer = plugin.DefaultGRPCServer
	}
	plugin.Serve(config)
	logger.Info("ended in order")
}
