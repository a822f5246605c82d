package dev.pluggable.sample.docs;

import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;

import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.client.ImportGrpcClients;

@Configuration(proxyBeanMethods = false)
@ImportGrpcClients(target = "greeter", types = GreeterGrpc.GreeterBlockingStub.class)
class GreeterClients {

}
