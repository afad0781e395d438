// What the routes of this room have in common: everything they depend on, and the few questions that each of them asks.
//
//   HTTP ─▶ MediaRoutes, PublicRoutes, FollowRoutes, ModerationRoutes, Open311Routes ─▶ [Office]
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "civic/book.h"
#include "civic/clerk.h"
#include "civic/follow_links.h"
#include "civic/photo_shelf.h"
#include "civic/public_board.h"
#include "civic/public_view.h"
#include "civic/rate_limit.h"
#include "civic/settings_in_force.h"
#include "serve/actions.h"
#include "serve/guard.h"

namespace cityloop::civic {

struct Limits {
  RateLimit posts, uploads, reads, keys;
};

// What was refused because of what it was, not of how often it came.
struct Refusals {
  std::atomic<std::uint64_t> photos{0}, reports{0}, steps{0}, links{0}, keys{0}, pushes{0}, answers{0};
};

struct Office {
  const SettingsInForce& in_force;
  const serve::City& city;
  twin::Twin& twin;
  const serve::Guard& guard;
  serve::ActionDesk& desk;
  serve::CaseRulesShelf& shelf;
  const base::Clock& wall;  // what limits and photos age by; cases live by the twin's clock
  Book& book;
  const PhotoShelf& photos;
  const PhotoLimits& photo_limits;
  const FollowLinks& links;
  PublicBoard& board;
  PublicView view;
  Clerk& darkroom;  // unpacks photos, one after the other
  Clerk& clerk;     // all that reads or writes the book, which may wait for the disk
  Limits& limits;
  Refusals& refusals;

  const CivicSettings& settings() const { return in_force.now(); }
  // Who asks, as far as limits go: the peer, or whom a proxy that we believe names.
  std::string asker(const net::Request&) const;
  // The refusal (429 with Retry-After), where somebody asks too often.
  std::optional<net::Response> too_often(RateLimit&, std::string_view key) const;

  base::Result<flow::Case> find_case(std::string_view id) const;  // also in the archive; Errc::not_found
  std::string service_code(const flow::Case&) const;              // as it was reported; empty when that is not known
};

// A handler whose work is done by the clerk, so that no thread that serves others waits for the disk. Refused with 503
// when too much waits already.
net::Handler by_clerk(const Office&, std::function<void(const net::Request&, net::Reply)>);
serve::CallHandler call_by_clerk(const Office&, std::function<void(const serve::Call&, net::Reply)>);

// "citizen:" and the report's number: who the log says opened the case.
std::string author_of(std::string_view report);
std::string_view report_of_author(std::string_view author);  // empty when it is no citizen

net::Response busy();  // 503 with Retry-After

// A link is a secret: its page is neither kept by what stands between, nor told on to the next page.
void keep_secret(net::Response&);

// Answers from memory that anyone may keep for a while.
net::Response public_json(std::string body, int max_age_s = 30);
// 304 when the asker has it already; otherwise what `make` gives, with its ETag.
net::Response with_etag(const net::Request&, const std::string& tag, const std::function<net::Response()>& make);
net::Response photo_response(base::Result<std::string> jpeg, const char* cache_control);
base::Result<PhotoSize> wished_size(const net::Request&);

}  // namespace cityloop::civic
