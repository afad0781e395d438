#include "twin/context/store.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>

#include "base/log.h"
#include "twin/context/core_context.h"
#include "twin/context/reader.h"
#include "twin/context/record.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using base::Error;
using base::fail;
using base::Result;
using base::Status;

constexpr std::size_t kFailuresMax = 10'000;

// One entry, and how it is used. All but the counters stays as it is.
struct Document {
  ContextEntry entry;  // without hits and last_usage
  std::shared_ptr<const std::string> body;
  std::atomic<std::uint64_t> hits{0};
  std::atomic<std::int64_t> last_usage_us{0};

  explicit Document(ContextEntry of) : entry(std::move(of)) {
    hits = entry.hits;
    last_usage_us = base::to_us(entry.last_usage);
    body = std::make_shared<const std::string>(entry.body);
    entry.body.clear();
  }
  ContextEntry shown() const {
    ContextEntry out = entry;
    out.body = *body;
    out.hits = hits.load(std::memory_order_relaxed);
    out.last_usage = base::from_us(last_usage_us.load(std::memory_order_relaxed));
    return out;
  }
  void use(flow::Instant now) {
    hits.fetch_add(1, std::memory_order_relaxed);
    last_usage_us.store(base::to_us(now), std::memory_order_relaxed);
  }
};
using DocumentPtr = std::shared_ptr<Document>;

struct Resolved {
  std::string json;
  ContextPtr context;
  std::vector<DocumentPtr> used;
};

struct Failure {
  flow::Instant until;
  Error error;
};

using Landed = std::function<void(Result<DocumentPtr>)>;

// Who waits for a context, until all that it names is here.
struct Wish {
  std::string json;
  ContextStore::Done done;
  int fetched{0};
};

// A context names so many others at most (context_reader.h); a document that leaves as soon as it comes is not fetched
// for ever.
constexpr int kFetchedMax = 200;

// "https://a.example:8443" of "https://a.example:8443/c.jsonld".
std::string_view host_of(std::string_view url) {
  const auto start = url.find("://");
  return start == url.npos ? url : url.substr(0, url.find_first_of("/?#", start + 3));
}

// The local id in an address of ours; empty when it is none.
std::string_view local_part(std::string_view url) {
  const auto at = url.find(kContextsPath);
  if (at == url.npos) return {};
  url.remove_prefix(at + kContextsPath.size());
  return url.substr(0, url.find_first_of("/?#"));
}

// Waits for what a callback is told. Who is forgotten is told that nothing comes.
template <class Told, class Ask>
Told awaited(const Ask& ask) {
  auto promise = std::make_shared<std::promise<Told>>();
  auto future = promise->get_future();
  ask([promise](Told told) { promise->set_value(std::move(told)); });
  promise.reset();
  future.wait();
  try {
    return future.get();
  } catch (const std::future_error&) {
    return fail(Errc::unavailable, "the store of contexts has been closed");
  }
}

bool names_core_alone(std::string_view json) {
  return json.empty() ||
         (json.size() > 2 && json.front() == '"' && core_context::is_url(json.substr(1, json.size() - 2)));
}

}  // namespace

struct ContextStore::Inside : std::enable_shared_from_this<ContextStore::Inside> {
  Inside(const base::Clock& time, Fetch how, Save where, const ContextBounds& within)
      : clock(time), fetch(std::move(how)), save(std::move(where)), bounds(within) {}

  const base::Clock& clock;
  const Fetch fetch;
  const Save save;
  const ContextBounds bounds;

  mutable std::mutex mutex{};  // guards all below; never held while something is fetched or saved
  std::map<std::string, DocumentPtr, std::less<>> documents{};     // by key_of
  std::unordered_map<std::string, std::string> implicit_ids{};     // body → local id
  std::unordered_map<std::string, std::vector<Landed>> flights{};  // by URL, under way or waiting for their turn
  std::deque<std::string> turn{};                                  // of those that wait, the first first
  std::unordered_map<std::string, std::size_t> busy{};             // by host: under way
  std::size_t under_way{0};
  std::unordered_map<std::string, Failure> failures{};
  std::list<Resolved> recent{};  // the last used first
  std::unordered_map<std::string_view, std::list<Resolved>::iterator> by_json{};
  std::size_t document_bytes{0}, resolved_bytes{0};
  std::uint64_t generation{0};  // of the documents: what was resolved from older ones is not kept
  std::uint64_t ids{0};

  DocumentPtr find(std::string_view id) const;
  void land(const std::string& url, bool anew, Landed);
  void take_off(const std::vector<std::string>& urls);
  std::vector<std::string> next_off();
  void landed(const std::string& url, const Result<std::string>& body);
  Result<DocumentPtr> document_of(const std::string& url, const Result<std::string>& body) const;
  void grant(const std::shared_ptr<Wish>&);
  Result<std::optional<ContextPtr>> make(std::string_view json, std::string& missing);
  ContextPtr ready(std::string_view json);
  void keep_ready(Resolved, std::uint64_t made_in);
  void forget_ready();
  std::vector<TablePut> put_in(const DocumentPtr&);
  void take_out(const DocumentPtr&);
  Result<std::string> host(std::string_view body, ContextKind);
};

// All that follows down to next_off is called with the mutex held, and what follows that is not.

DocumentPtr ContextStore::Inside::find(std::string_view id) const {
  if (const auto found = documents.find(id); found != documents.end()) return found->second;
  const std::string_view local = local_part(id);
  const auto found = local.empty() ? documents.end() : documents.find(local);
  return found == documents.end() ? nullptr : found->second;
}

ContextPtr ContextStore::Inside::ready(std::string_view json) {
  const auto found = by_json.find(json);
  if (found == by_json.end()) return nullptr;
  recent.splice(recent.begin(), recent, found->second);
  const flow::Instant now = clock.now();
  for (const DocumentPtr& document : found->second->used) document->use(now);
  return found->second->context;
}

void ContextStore::Inside::keep_ready(Resolved resolved, std::uint64_t made_in) {
  if (made_in != generation || by_json.contains(resolved.json)) return;
  resolved_bytes += resolved.context->bytes() + resolved.json.size();
  recent.push_front(std::move(resolved));
  by_json.emplace(recent.front().json, recent.begin());
  while (recent.size() > 1 && (recent.size() > bounds.resolved_max || resolved_bytes > bounds.resolved_bytes_max)) {
    resolved_bytes -= recent.back().context->bytes() + recent.back().json.size();
    by_json.erase(recent.back().json);
    recent.pop_back();
  }
}

void ContextStore::Inside::forget_ready() {
  ++generation;
  by_json.clear();
  recent.clear();
  resolved_bytes = 0;
}

void ContextStore::Inside::take_out(const DocumentPtr& document) {
  if (document->entry.kind != ContextKind::hosted) document_bytes -= document->body->size();
  if (document->entry.kind == ContextKind::implicitly_created) implicit_ids.erase(*document->body);
  documents.erase(key_of(document->entry));
}

// Gives what must be saved: the document, and those that leave to make room.
std::vector<TablePut> ContextStore::Inside::put_in(const DocumentPtr& document) {
  const std::string& key = key_of(document->entry);
  if (const auto held = documents.find(key); held != documents.end()) take_out(DocumentPtr(held->second));
  std::vector<TablePut> out;
  const auto bounded = [](const DocumentPtr& d) { return d->entry.kind != ContextKind::hosted; };
  if (bounded(document)) document_bytes += document->body->size();
  while (document_bytes > bounds.document_bytes_max || documents.size() >= bounds.documents_max) {
    DocumentPtr oldest;
    for (const auto& [id, other] : documents) {
      if (bounded(other) && (!oldest || other->last_usage_us < oldest->last_usage_us)) oldest = other;
    }
    if (!oldest) break;
    out.push_back({store::Table::context, key_of(oldest->entry), {}, TableOp::erase});
    take_out(oldest);
  }
  if (document->entry.kind == ContextKind::implicitly_created) implicit_ids.emplace(*document->body, key);
  documents.insert_or_assign(key, document);
  out.push_back({store::Table::context, key, to_record(document->shown())});
  return out;
}

// Those whose turn has come: in order, but nobody waits for a host that is busy with others.
std::vector<std::string> ContextStore::Inside::next_off() {
  std::vector<std::string> out;
  for (auto url = turn.begin(); url != turn.end() && under_way < bounds.fetches_max;) {
    std::size_t& here = busy[std::string(host_of(*url))];
    if (here >= bounds.fetches_per_host_max) {
      ++url;
      continue;
    }
    ++here;
    ++under_way;
    out.push_back(std::move(*url));
    url = turn.erase(url);
  }
  return out;
}

Result<DocumentPtr> ContextStore::Inside::document_of(const std::string& url, const Result<std::string>& body) const {
  if (!body) return std::unexpected(body.error());
  const auto document = read_context_document(*body, url);
  if (!document) {
    const bool no_json = document.error().code == Errc::malformed;
    return fail(no_json ? Errc::unavailable : Errc::invalid, "{}: {}", url, document.error().message);
  }
  ContextEntry entry{.url = url, .local_id = {}, .body = *body, .extra = document->imports};
  entry.created_at = entry.last_usage = clock.now();
  return std::make_shared<Document>(std::move(entry));
}

// Calls back with the document at a URL: at once where it is here, unless it is wanted anew.
void ContextStore::Inside::land(const std::string& url, bool anew, Landed then) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return then(fail(Errc::unavailable, "the @context {} can be had neither by http nor by https", url));
  }
  std::unique_lock lock(mutex);
  if (DocumentPtr held = find(url); held && !anew) {
    lock.unlock();
    return then(held);
  }
  if (const auto same = flights.find(url); same != flights.end()) {
    same->second.push_back(std::move(then));
    return;
  }
  if (turn.size() >= bounds.waiting_max) {
    lock.unlock();
    return then(fail(Errc::unavailable, "too many documents wait to be fetched; {} is one too many", url));
  }
  flights[url].push_back(std::move(then));
  turn.push_back(url);
  auto next = next_off();
  lock.unlock();
  take_off(next);
}

void ContextStore::Inside::take_off(const std::vector<std::string>& urls) {
  for (const std::string& url : urls) {
    fetch(url, [weak = weak_from_this(), url](const Result<std::string>& body) {
      if (const auto inside = weak.lock()) inside->landed(url, body);
    });
  }
}

void ContextStore::Inside::landed(const std::string& url, const Result<std::string>& body) {
  const Result<DocumentPtr> result = document_of(url, body);
  std::vector<TablePut> puts;
  std::unique_lock lock(mutex);
  const auto flight = flights.extract(url);
  if (result) {
    failures.erase(url);
    if (const DocumentPtr old = find(url)) {
      (*result)->hits = old->hits.load();
      forget_ready();
    }
    puts = put_in(*result);
  } else {
    if (failures.size() >= kFailuresMax) failures.clear();
    failures.insert_or_assign(url, Failure{clock.now() + bounds.retry_after, result.error()});
  }
  --under_way;
  const auto host = busy.find(std::string(host_of(url)));
  if (--host->second == 0) busy.erase(host);
  auto next = next_off();
  lock.unlock();
  take_off(next);
  for (const Landed& then : flight.mapped()) then(result);
  // A disk that takes nothing at present does not keep anybody from using what is in memory.
  if (puts.empty()) return;
  if (const Status saved = save(std::move(puts)); !saved) {
    base::log_warn("the @context {} is used and not kept: {}", url, saved.error().message);
  }
}

// Tells who waits, or fetches what is still missing and comes back.
void ContextStore::Inside::grant(const std::shared_ptr<Wish>& wish) {
  std::string missing;
  auto made = make(wish->json, missing);
  if (!made) return wish->done(std::unexpected(std::move(made.error())));
  if (*made) return wish->done(std::move(**made));
  if (++wish->fetched > kFetchedMax) {
    return wish->done(fail(Errc::unavailable, "what the @context names cannot be kept here together"));
  }
  land(missing, false, [weak = weak_from_this(), wish](const Result<DocumentPtr>& document) {
    if (!document) return wish->done(std::unexpected(document.error()));
    if (const auto inside = weak.lock()) inside->grant(wish);
  });
}

// Nothing when something must be fetched first: that is `missing`.
Result<std::optional<ContextPtr>> ContextStore::Inside::make(std::string_view json, std::string& missing) {
  Resolved resolved{std::string(json), nullptr, {}};
  std::unique_lock lock(mutex);
  const std::uint64_t made_in = generation;
  lock.unlock();
  const ContextSource source = [&](const std::string& url) -> Result<std::shared_ptr<const std::string>> {
    const std::lock_guard inner(mutex);
    const DocumentPtr document = find(url);
    if (!document) {
      const auto failed = failures.find(url);
      if (failed != failures.end() && failed->second.until > clock.now()) return std::unexpected(failed->second.error);
      if (missing.empty()) missing = url;
      return fail(Errc::timeout, "not here yet");
    }
    if (std::ranges::find(resolved.used, document) == resolved.used.end()) resolved.used.push_back(document);
    return document->body;
  };
  auto context = read_context(json, source);
  if (!missing.empty()) return std::optional<ContextPtr>();
  if (!context) return std::unexpected(std::move(context.error()));
  resolved.context = std::move(*context);
  const flow::Instant now = clock.now();
  for (const DocumentPtr& document : resolved.used) document->use(now);
  lock.lock();
  const ContextPtr out = resolved.context;
  keep_ready(std::move(resolved), made_in);
  return std::optional<ContextPtr>(out);
}

Result<std::string> ContextStore::Inside::host(std::string_view body, ContextKind kind) {
  const ContextDocument document = TRY(read_context_document(body, {}));
  ContextEntry entry{.url = {}, .local_id = {}, .kind = kind, .body = std::string(body), .extra = document.imports};
  entry.created_at = entry.last_usage = clock.now();
  std::unique_lock lock(mutex);
  if (kind == ContextKind::implicitly_created) {
    if (const auto same = implicit_ids.find(entry.body); same != implicit_ids.end()) return same->second;
  }
  do entry.local_id = fmt::format("{:x}-{:x}", base::to_us(entry.created_at), ++ids);
  while (documents.contains(entry.local_id));
  entry.url = std::string(kContextsPath).append(entry.local_id);
  std::string id = entry.local_id;
  const auto made = std::make_shared<Document>(std::move(entry));
  auto puts = put_in(made);
  lock.unlock();
  if (Status saved = save(std::move(puts)); !saved) {
    // Who is told an address of ours must find it there tomorrow.
    lock.lock();
    if (documents.contains(id)) take_out(made);
    return std::unexpected(std::move(saved.error()));
  }
  return id;
}

ContextStore::ContextStore(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}
ContextStore::~ContextStore() = default;

Result<std::unique_ptr<ContextStore>> ContextStore::open(const store::Store& store, const base::Clock& clock,
                                                         Fetch fetch, Save save, const ContextBounds& bounds) {
  const auto inside = std::make_shared<Inside>(clock, std::move(fetch), std::move(save), bounds);
  TRY(store.scan(store::Table::context, {}, {}, [&](std::string_view key, std::string_view record) {
    auto entry = from_record(key, record);
    if (!entry) {
      base::log_error("{}", entry.error().message);
      return true;
    }
    (void)inside->put_in(std::make_shared<Document>(std::move(*entry)));
    return true;
  }));
  return std::unique_ptr<ContextStore>(new ContextStore(inside));
}

Result<std::unique_ptr<ContextStore>> ContextStore::open(const store::Store& store, const base::Clock& clock,
                                                         FetchNow fetch, Save save, const ContextBounds& bounds) {
  const Fetch later = [fetch = std::move(fetch)](const std::string& url, const Fetched& done) { done(fetch(url)); };
  return open(store, clock, later, std::move(save), bounds);
}

std::optional<Result<ContextPtr>> ContextStore::resolved(std::string_view context) {
  if (names_core_alone(context)) return Context::core();
  {
    const std::lock_guard lock(inside_->mutex);
    if (ContextPtr ready = inside_->ready(context)) return ready;
  }
  std::string missing;
  auto made = inside_->make(context, missing);
  if (!made) return std::unexpected(std::move(made.error()));
  if (!*made) return std::nullopt;
  return std::move(**made);
}

void ContextStore::resolve(std::string_view context, Done done) {
  if (auto known = resolved(context)) return done(std::move(*known));
  inside_->grant(std::make_shared<Wish>(std::string(context), std::move(done)));
}

Result<ContextPtr> ContextStore::resolve(std::string_view context) {
  return awaited<Result<ContextPtr>>([&](auto done) { resolve(context, std::move(done)); });
}

Result<std::string> ContextStore::add(std::string_view body) {
  return inside_->host(body, ContextKind::hosted);
}

Result<std::string> ContextStore::keep(std::string_view context) {
  const std::string body = fmt::format(R"({{"@context":{}}})", context);
  {
    const std::lock_guard lock(inside_->mutex);
    const auto same = inside_->implicit_ids.find(body);
    if (same != inside_->implicit_ids.end()) return same->second;
  }
  return inside_->host(body, ContextKind::implicitly_created);
}

std::optional<ContextEntry> ContextStore::find(std::string_view id) const {
  const std::lock_guard lock(inside_->mutex);
  const DocumentPtr document = inside_->find(id);
  if (!document) return std::nullopt;
  return document->shown();
}

std::vector<ContextEntry> ContextStore::list() const {
  const std::lock_guard lock(inside_->mutex);
  std::vector<ContextEntry> out;
  for (const auto& [id, document] : inside_->documents) out.push_back(document->shown());
  return out;
}

Status ContextStore::erase(std::string_view id) {
  std::unique_lock lock(inside_->mutex);
  const DocumentPtr document = inside_->find(id);
  if (!document) return fail(Errc::not_found, "there is no @context '{}'", id.substr(0, 200));
  const std::string key = key_of(document->entry);
  lock.unlock();
  TRY(inside_->save({{store::Table::context, key, {}, TableOp::erase}}));
  lock.lock();
  const auto held = inside_->documents.find(key);
  if (held != inside_->documents.end()) inside_->take_out(DocumentPtr(held->second));
  inside_->failures.erase(key);
  inside_->forget_ready();
  return {};
}

void ContextStore::reload(std::string_view id, std::function<void(Status)> done) {
  std::unique_lock lock(inside_->mutex);
  const DocumentPtr document = inside_->find(id);
  lock.unlock();
  if (!document) return done(fail(Errc::not_found, "there is no @context '{}'", id.substr(0, 200)));
  if (document->entry.kind != ContextKind::cached) {
    return done(fail(Errc::invalid, "the @context '{}' stands here and nowhere else: it cannot be loaded again", id));
  }
  inside_->land(document->entry.url, true, [done = std::move(done)](const Result<DocumentPtr>& fresh) {
    done(fresh ? Status{} : Status(std::unexpected(fresh.error())));
  });
}

Status ContextStore::reload(std::string_view id) {
  return awaited<Status>([&](auto done) { reload(id, std::move(done)); });
}

}  // namespace cityloop::twin
