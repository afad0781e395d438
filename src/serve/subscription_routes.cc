#include "serve/subscription_routes.h"

namespace cityloop::serve {

using trust::Permission;

void SubscriptionRoutes::add_to(net::Router& router) const {
  router.web_socket("/api/v1/subscribe",
                    guard.require_socket(Permission::subscribe, [&sockets = sockets](const Call&, auto socket) {
                      return std::expected<net::WebSocketEvents, net::Response>(sockets.attach(std::move(socket)));
                    }));
}

}  // namespace cityloop::serve
