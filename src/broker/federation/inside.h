// What the operations of the Federation share: which sources bear on a request, what they are sent, and what came back.
// Inside of federation_*.cc.
#pragma once

#include <map>
#include <mutex>

#include "broker/entity_maps.h"
#include "broker/federation/federation.h"
#include "broker/source/notifier.h"
#include "net/client.h"
#include "serve/back_room.h"

namespace cityloop::broker {

class SubscriptionForwarder;

// One request to one source, and why it is sent.
struct Forward {
  RegistrationPtr registration;
  RegistrationBook* book{nullptr};
  const RegistrationInfo* info{nullptr};  // of the registration
  const EntityInfo* entity{nullptr};      // likewise; null: any of its
  net::OutgoingRequest request;
  twin::ContextPtr context;              // that names in it and in its answer are written in
  std::vector<flow::Name> attributes{};  // of a write: those that it carries
  std::vector<std::string> entities{};   // of a batch: the ids that it carries
  std::string sent{};                    // of one entity of a batch: its body, before it had an @context
};

enum class Fate : std::uint8_t { answered, stale, no_answer, timed_out };

struct Answer {
  Forward forward;
  Fate fate{Fate::answered};
  net::Response response;  // when answered or stale
  std::string reason;      // when not

  bool came() const { return fate == Fate::answered || fate == Fate::stale; }
  bool good() const { return came() && response.status >= 200 && response.status < 300; }
};

// Sends requests to sources, keeps their answers for as long as registrations say, and leaves those alone for a while
// that have failed (management.cacheDuration, cooldown). Any thread.
class Sender {
 public:
  explicit Sender(const base::Clock& clock) : clock_(clock) {}
  // `done` gets the answers in the order of the requests, once all are there.
  void send(std::vector<Forward>, std::function<void(std::vector<Answer>)> done);

 private:
  struct Round;
  struct Cached {
    flow::Instant at;
    net::Response response;
  };
  bool answer_without_asking(Answer&);
  void settle(Answer&, base::Result<net::Response>);

  const base::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Cached> cache_;                 // by tenant, URL and @context
  std::map<std::string, flow::Instant> cooling_until_;  // by endpoint
  net::HttpClient client_;                              // its callbacks end with it, before the tables above go
};

// What a request of the caller becomes for one source.
struct Outgoing {
  net::Method method{net::Method::get};
  std::string path;                                          // behind /ngsi-ld/v1, escaped
  std::vector<std::pair<std::string, std::string>> query{};  // not escaped
  std::string body{};
};
Forward make_forward(const Exchange&, const std::string& own_alias, base::Duration timeout, RegistrationPtr,
                     const RegistrationInfo*, const EntityInfo*, Outgoing);

// The @context that names of a request to this source are written in; nothing when it has to be fetched first.
std::optional<twin::ContextPtr> context_for(const Exchange&, const Registration&);
// Names as a source's @context has them, joined by commas.
std::string names_for(const std::vector<flow::Name>&, const twin::Context&);
std::string escaped_path_part(std::string_view);
// The path of a request behind /ngsi-ld/v1, as it came.
std::string_view path_behind_root(const net::Request&);
// A JSON body in other words: names of attributes, types and vocabulary as `to` has them.
// `one_attribute`: the body is one attribute, without its name.
std::string reworded(const base::JsonValue& body, const twin::Context& from, const twin::Context& to,
                     bool one_attribute = false);
// Parameters that say what is to be done here, and go no further.
bool is_only_for_us(std::string_view parameter);
// The @context that an answer, or one object of it, is written in: its own where it brings one, the one it was asked in
// otherwise.
twin::ContextPtr context_of(const base::JsonValue&, const Answer&, twin::ContextStore&);
// The pseudonyms in Via.
std::vector<std::string> via_aliases(std::string_view header);

// "199 lepus \"…\"": about one answer that is not as it should be; empty when nothing is to be said.
std::string warning_of(const Answer&);
Headers warnings_of(const std::vector<Answer>&);

// Names that the request wants to see: its attrs and pick; empty: all.
std::vector<flow::Name> wanted_attributes(const Exchange&);
// A registration's own properties against `csf`; everything where the request has none.
base::Result<std::function<bool(const Registration&)>> source_filter(const Exchange&);

struct Federation::Inside {
  ~Inside();
  Inside(const FederationOptions&, const base::Clock&, twin::ContextStore&);

  FederationOptions options;
  const base::Clock& clock;
  twin::ContextStore& contexts;
  mutable std::mutex mutex;
  struct Shelf {
    Shelf();
    Shelf(Shelf&&) noexcept;
    Shelf& operator=(Shelf&&) noexcept;
    ~Shelf();
    std::unique_ptr<RegistrationBook> book;
    std::unique_ptr<SourceNotifier> notifier;  // these two go before the book
    std::unique_ptr<SubscriptionForwarder> forwarder;
    std::unique_ptr<EntityMaps> maps;
  };
  std::map<const twin::Twin*, Shelf> books;
  const flow::Instant started{clock.now()};
  mutable Sender sender;
  mutable serve::BackRoom back_room{1024};  // where @contexts of sources are fetched

  RegistrationBook* book_of(const Tenant&) const;
  std::string alias_of(const Tenant&) const;
  // Live sources that support the operation, bear on the interest and have not been met on the way here.
  std::vector<RegistrationPtr> sources(const Exchange&, Operation, const Interest&) const;
  Forward forward(const Exchange&, RegistrationPtr, const Registration::Match&, Outgoing) const;
  // Calls `go` once the @contexts that these sources speak in are at hand: at once, or from a thread of ours that has
  // fetched them.
  void with_contexts(const Exchange&, const std::vector<RegistrationPtr>&,
                     const std::function<void(const Exchange&)>& go) const;
};

}  // namespace cityloop::broker
