#include "net/client.h"

#include <sys/socket.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "net/beast.h"
#include "net/url.h"

namespace cityloop::net {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using Done = std::function<void(Result<Response>)>;

constexpr std::size_t kResponseMax = 10u << 20;
constexpr std::uint32_t kResponseHeadMax = 64u << 10;
constexpr std::size_t kReadBytes = 16u << 10;
constexpr std::size_t kIdlePerHost = 32;
constexpr std::size_t kIdleHosts = 256;
constexpr std::size_t kUrlsMax = 1024;
constexpr auto kSweepEvery = std::chrono::milliseconds(10);  // how late a limit of time may be noticed

using SteadyTime = std::chrono::steady_clock::time_point;
using TlsSocket = asio::ssl::stream<tcp::socket>;
using Parser = http::response_parser<http::string_body>;

// A parsed address, with what stands in every request to it.
struct Place {
  Url url;
  std::string key;   // of its connections
  std::string host;  // the Host header
};
using PlacePtr = std::shared_ptr<const Place>;

// One connection to one host, plain or TLS; used for one request at a time.
struct Line {
  PlacePtr place;
  std::unique_ptr<tcp::socket> plain;
  std::unique_ptr<TlsSocket> tls;
  beast::flat_buffer buffer;
  bool used_before{false};

  tcp::socket& lowest() { return tls ? tls->next_layer() : *plain; }
  void close() {
    beast::error_code ignored;
    lowest().close(ignored);
  }
};

// One request on its way.
struct Exchange {
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  // Let go of unanswered, when the client ends.
  ~Exchange() { answer(fail(Errc::unavailable, "{}: the client has ended", request.url)); }
  void answer(Result<Response> response) {
    if (const Done once = std::exchange(done, nullptr)) once(std::move(response));
  }

  OutgoingRequest request;
  Done done;
  SteadyTime until{};
  bool late{false};
  PlacePtr place;
  std::unique_ptr<Line> line;
  std::string out;
  std::optional<Parser> in;
};
using ExchangePtr = std::shared_ptr<Exchange>;

// A header must not end its own line, nor begin another.
void add_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) out += c == '\r' || c == '\n' ? ' ' : c;
  out.append("\r\n");
}

// What says where a message ends, and to whom it goes, is ours to say; a name must be one.
bool is_ours(std::string_view name) {
  if (name.empty()) return true;
  for (const char c : name) {
    if (c <= ' ' || c == ':' || c >= 0x7f) return true;
  }
  for (const std::string_view mine : {"host", "content-length", "transfer-encoding", "connection"}) {
    if (beast::iequals(name, mine)) return true;
  }
  return false;
}

std::string to_text(const OutgoingRequest& request, const Place& place) {
  std::string out;
  out.reserve(256 + request.body.size());
  out.append(to_string(request.method)).append(" ").append(place.url.target).append(" HTTP/1.1\r\n");
  add_header(out, "Host", place.host);
  add_header(out, "User-Agent", "cityloop");
  const bool bodied =
      request.method == Method::post || request.method == Method::put || request.method == Method::patch;
  for (const auto& [name, value] : request.headers) {
    if (!is_ours(name)) add_header(out, name, value);
  }
  if (bodied || !request.body.empty()) add_header(out, "Content-Length", fmt::format("{}", request.body.size()));
  return out.append("\r\n").append(request.body);
}

Response from_message(http::response<http::string_body>&& message) {
  Response response;
  response.status = int(message.result_int());
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) c = char(c >= 'A' && c <= 'Z' ? c + 32 : c);
    if (name == "content-type") response.content_type = std::string(field.value());
    response.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  response.body = std::move(message.body());
  return response;
}

Result<PlacePtr> place_of(const std::string& address) {
  auto out = std::make_shared<Place>();
  out->url = TRY(parse_url(address));
  const Url& url = out->url;
  const bool usual = url.port == (url.tls ? "443" : "80");
  const std::string name = url.host.find(':') == std::string::npos ? url.host : fmt::format("[{}]", url.host);
  out->host = usual ? name : fmt::format("{}:{}", name, url.port);
  out->key = fmt::format("{}{}:{}", url.tls ? "s:" : "", url.host, url.port);
  return PlacePtr(std::move(out));
}

}  // namespace

struct HttpClient::Inside {
  asio::io_context context{1};
  asio::ssl::context tls{asio::ssl::context::tls_client};
  tcp::resolver resolver{context};
  asio::steady_timer sweeper{context};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};

  // The client's thread only.
  std::map<std::string, std::vector<std::unique_ptr<Line>>> idle;
  std::unordered_map<std::string, PlacePtr> places;
  std::unordered_set<ExchangePtr> busy;
  bool sweeping{false};

  std::mutex mutex;
  std::vector<ExchangePtr> incoming;
  std::thread thread;

  Inside() {
    boost::system::error_code ignored;
    tls.set_default_verify_paths(ignored);
    tls.set_verify_mode(asio::ssl::verify_peer);
    thread = std::thread([this] { context.run(); });
  }
  ~Inside() {
    context.stop();
    thread.join();
  }

  // Many that come at once wake the thread once.
  void add(ExchangePtr exchange) {
    bool first;
    {
      const std::lock_guard lock(mutex);
      first = incoming.empty();
      incoming.push_back(std::move(exchange));
    }
    if (first) asio::post(context, [this] { take_incoming(); });
  }
  void take_incoming() {
    std::vector<ExchangePtr> mine;
    {
      const std::lock_guard lock(mutex);
      mine.swap(incoming);
    }
    for (const ExchangePtr& exchange : mine) begin(exchange);
  }

  void begin(const ExchangePtr& exchange) {
    auto place = find_place(exchange->request.url);
    if (!place) return exchange->answer(std::unexpected(place.error()));
    exchange->place = std::move(*place);
    exchange->out = to_text(exchange->request, *exchange->place);
    exchange->until = std::chrono::steady_clock::now() + exchange->request.timeout;
    busy.insert(exchange);
    sweep_later();
    if (auto kept = take_idle(exchange->place->key)) {
      exchange->line = std::move(kept);
      return write(exchange);
    }
    connect(exchange);
  }

  Result<PlacePtr> find_place(const std::string& url) {
    if (const auto known = places.find(url); known != places.end()) return known->second;
    PlacePtr place = TRY(place_of(url));
    if (places.size() >= kUrlsMax) places.clear();
    return places[url] = std::move(place);
  }

  void sweep_later() {
    if (std::exchange(sweeping, true)) return;
    sweeper.expires_after(kSweepEvery);
    sweeper.async_wait([this](beast::error_code stopped) {
      sweeping = false;
      if (stopped) return;
      sweep();
      if (!busy.empty()) sweep_later();
    });
  }
  void sweep() {
    const auto now = std::chrono::steady_clock::now();
    std::vector<ExchangePtr> late;
    for (const ExchangePtr& exchange : busy) {
      if (exchange->until <= now && !exchange->late) late.push_back(exchange);
    }
    for (const ExchangePtr& exchange : late) {
      exchange->late = true;
      if (exchange->line) exchange->line->close();  // what waits for it ends with an error
      else give_up(exchange, "find the host", asio::error::timed_out);
    }
  }

  std::unique_ptr<Line> take_idle(const std::string& key) {
    const auto waiting = idle.find(key);
    while (waiting != idle.end() && !waiting->second.empty()) {
      auto line = std::move(waiting->second.back());
      waiting->second.pop_back();
      if (is_quiet(*line)) return line;
    }
    if (waiting != idle.end()) idle.erase(waiting);
    return nullptr;
  }

  // A kept connection that has something to say was closed at the other end.
  static bool is_quiet(Line& line) {
    char byte;
    const ssize_t got = ::recv(line.lowest().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  void give_up(const ExchangePtr& exchange, std::string_view doing, beast::error_code error) {
    busy.erase(exchange);
    exchange->line.reset();
    exchange->answer(fail(exchange->late ? Errc::timeout : Errc::unavailable, "{}: cannot {}: {}",
                          exchange->request.url, doing, exchange->late ? "no answer in time" : error.message()));
  }

  void connect(const ExchangePtr& exchange) {
    exchange->line.reset();
    const Url& url = exchange->place->url;
    beast::error_code not_numeric;
    const auto address = asio::ip::make_address(url.host, not_numeric);
    if (!not_numeric && url.port.find_first_not_of("0123456789") == std::string::npos && url.port.size() <= 5) {
      return connect_to(exchange, std::vector<tcp::endpoint>{{address, std::uint16_t(std::stoul(url.port))}});
    }
    resolver.async_resolve(url.host, url.port, [this, exchange](beast::error_code error, const auto& results) {
      if (!exchange->done) return;
      if (error) return give_up(exchange, "find the host", error);
      std::vector<tcp::endpoint> found;
      for (const auto& one : results) found.push_back(one.endpoint());
      connect_to(exchange, std::move(found));
    });
  }

  void connect_to(const ExchangePtr& exchange, std::vector<tcp::endpoint> endpoints) {
    exchange->line = std::make_unique<Line>();
    Line& line = *exchange->line;
    line.place = exchange->place;
    if (line.place->url.tls) line.tls = std::make_unique<TlsSocket>(context, tls);
    else line.plain = std::make_unique<tcp::socket>(context);
    auto shared = std::make_shared<std::vector<tcp::endpoint>>(std::move(endpoints));
    asio::async_connect(line.lowest(), *shared, [this, exchange, shared](beast::error_code error, const auto&) {
      if (error || exchange->late) return give_up(exchange, "connect", error);
      beast::error_code ignored;
      exchange->line->lowest().set_option(tcp::no_delay(true), ignored);
      handshake(exchange);
    });
  }

  void handshake(const ExchangePtr& exchange) {
    Line& line = *exchange->line;
    if (!line.tls) return write(exchange);
    const std::string& host = line.place->url.host;
    SSL_set_tlsext_host_name(line.tls->native_handle(), host.c_str());
    line.tls->set_verify_callback(asio::ssl::host_name_verification(host));
    line.tls->async_handshake(asio::ssl::stream_base::client, [this, exchange](beast::error_code error) {
      if (error || exchange->late) return give_up(exchange, "agree on TLS", error);
      write(exchange);
    });
  }

  template <class Handler>
  void with_stream(Line& line, Handler handler) {
    if (line.tls) handler(*line.tls);
    else handler(*line.plain);
  }

  void write(const ExchangePtr& exchange) {
    exchange->in.emplace();
    exchange->in->eager(true);
    exchange->in->body_limit(kResponseMax);
    exchange->in->header_limit(kResponseHeadMax);
    exchange->in->skip(exchange->request.method == Method::head);
    with_stream(*exchange->line, [&](auto& stream) {
      asio::async_write(stream, asio::buffer(exchange->out), [this, exchange](beast::error_code error, std::size_t) {
        if (error || exchange->late) return retry_or_give_up(exchange, "send", error);
        read(exchange);
      });
    });
  }

  void read(const ExchangePtr& exchange) {
    with_stream(*exchange->line, [&](auto& stream) {
      stream.async_read_some(exchange->line->buffer.prepare(kReadBytes),
                             [this, exchange](beast::error_code error, std::size_t got) {
                               if (exchange->late) return give_up(exchange, "read the answer", error);
                               exchange->line->buffer.commit(got);
                               arrived(exchange, error);
                             });
    });
  }

  void arrived(const ExchangePtr& exchange, beast::error_code error) {
    Parser& in = *exchange->in;
    beast::flat_buffer& buffer = exchange->line->buffer;
    beast::error_code wrong;
    if (error) {
      // An answer without a length ends with its connection.
      if (error == asio::error::eof && in.got_some()) in.put_eof(wrong);
      if (error != asio::error::eof || wrong || !in.is_done())
        return retry_or_give_up(exchange, "read the answer", error);
      return finish(exchange);
    }
    while (buffer.size() > 0 && !in.is_done()) {
      const std::size_t used = in.put(buffer.data(), wrong);
      buffer.consume(used);
      if (wrong == http::error::need_more) break;
      if (wrong) return give_up(exchange, "read the answer", wrong);
    }
    if (in.is_done()) return finish(exchange);
    read(exchange);
  }

  void keep(std::unique_ptr<Line> line) {
    const std::string& key = line->place->key;
    if (idle.size() >= kIdleHosts && !idle.contains(key)) idle.clear();
    auto& waiting = idle[key];
    if (waiting.size() < kIdlePerHost) waiting.push_back(std::move(line));
  }

  // A kept connection may be closed at the other end just now: then once more on a fresh one. Not what would do
  // something twice if the other end had taken it after all.
  void retry_or_give_up(const ExchangePtr& exchange, std::string_view doing, beast::error_code error) {
    const bool nothing_came = !exchange->in || !exchange->in->got_some();
    const bool harmless = exchange->request.repeatable ||
                          (exchange->request.method != Method::post && exchange->request.method != Method::patch);
    if (exchange->line->used_before && nothing_came && harmless && !exchange->late) return connect(exchange);
    give_up(exchange, doing, error);
  }

  void finish(const ExchangePtr& exchange) {
    busy.erase(exchange);
    auto message = exchange->in->release();
    exchange->line->used_before = true;
    if (message.keep_alive() && exchange->line->buffer.size() == 0) keep(std::move(exchange->line));
    exchange->answer(from_message(std::move(message)));
  }
};

HttpClient::HttpClient() : inside_(std::make_unique<Inside>()) {}
HttpClient::~HttpClient() = default;

void HttpClient::send(OutgoingRequest request, Done done) {
  auto exchange = std::make_shared<Exchange>();
  exchange->request = std::move(request);
  exchange->done = std::move(done);
  inside_->add(std::move(exchange));
}

Result<Response> HttpClient::send(OutgoingRequest request) {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<Result<Response>> out;
  send(std::move(request), [&](Result<Response> response) {
    const std::lock_guard lock(mutex);
    out = std::move(response);
    answered.notify_one();
  });
  std::unique_lock lock(mutex);
  answered.wait(lock, [&] { return out.has_value(); });
  return std::move(*out);
}

}  // namespace cityloop::net
