#include "net/client.h"

#include <sys/socket.h>

#include <cerrno>
#include <map>

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
constexpr std::size_t kIdlePerHost = 32;
constexpr std::size_t kIdleHosts = 256;

http::verb verb_of(Method method) {
  return http::string_to_verb(to_string(method));
}

// One connection to one host, plain or TLS; used for one request at a time.
struct Line {
  Url url;
  std::unique_ptr<PlainStream> plain;
  std::unique_ptr<TlsStream> tls;
  beast::flat_buffer buffer;
  bool used_before{false};

  PlainStream& lowest() { return tls ? beast::get_lowest_layer(*tls) : *plain; }
  std::string key() const { return fmt::format("{}{}:{}", url.tls ? "s:" : "", url.host, url.port); }
};

// One request on its way.
struct Exchange {
  explicit Exchange(asio::io_context& context) : patience(context) {}
  Exchange(const Exchange&) = delete;
  // Let go of unanswered, when the client ends.
  ~Exchange() { answer(fail(Errc::unavailable, "{}: the client has ended", request.url)); }
  void answer(Result<Response> response) {
    if (const Done once = std::exchange(done, nullptr)) once(std::move(response));
  }

  OutgoingRequest request;
  bool looking_up{false};
  asio::steady_timer patience;  // while the host is looked up; then the stream keeps the time
  Done done;
  Url url;
  std::unique_ptr<Line> line;
  http::request<http::string_body> out;
  std::optional<http::response_parser<http::string_body>> in;
};
using ExchangePtr = std::shared_ptr<Exchange>;

http::request<http::string_body> to_message(const OutgoingRequest& request, const Url& url) {
  http::request<http::string_body> out(verb_of(request.method), url.target, 11);
  const bool usual = url.port == (url.tls ? "443" : "80");
  out.set(http::field::host, usual ? url.host : fmt::format("{}:{}", url.host, url.port));
  out.set(http::field::user_agent, "cityloop");
  for (const auto& [name, value] : request.headers) out.set(name, value);
  out.body() = request.body;
  out.prepare_payload();
  return out;
}

Response from_message(http::response<http::string_body>& message) {
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

}  // namespace

struct HttpClient::Inside {
  asio::io_context context{1};
  asio::ssl::context tls{asio::ssl::context::tls_client};
  tcp::resolver resolver{context};
  std::map<std::string, std::vector<std::unique_ptr<Line>>> idle;  // the client's thread only
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
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

  void begin(const ExchangePtr& exchange) {
    auto url = parse_url(exchange->request.url);
    if (!url) return exchange->answer(std::unexpected(url.error()));
    exchange->url = std::move(*url);
    exchange->out = to_message(exchange->request, exchange->url);
    Line probe{exchange->url, nullptr, nullptr, {}};
    if (auto kept = take_idle(probe.key())) {
      exchange->line = std::move(kept);
      exchange->line->lowest().expires_after(exchange->request.timeout);
      return write(exchange);
    }
    connect(exchange);
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
    const ssize_t got = ::recv(line.lowest().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  void give_up(const ExchangePtr& exchange, std::string_view doing, beast::error_code error) {
    const bool late = error == beast::error::timeout;
    exchange->line.reset();
    exchange->answer(fail(late ? Errc::timeout : Errc::unavailable, "{}: cannot {}: {}", exchange->request.url, doing,
                          late ? "no answer in time" : error.message()));
  }

  void connect(const ExchangePtr& exchange) {
    exchange->line = std::make_unique<Line>();
    Line& line = *exchange->line;
    line.url = exchange->url;
    if (line.url.tls) line.tls = std::make_unique<TlsStream>(context, tls);
    else line.plain = std::make_unique<PlainStream>(context);
    line.lowest().expires_after(exchange->request.timeout);
    exchange->looking_up = true;
    exchange->patience.expires_after(exchange->request.timeout);
    exchange->patience.async_wait([this, exchange](beast::error_code stopped) {
      if (!stopped && exchange->looking_up) give_up(exchange, "find the host", beast::error::timeout);
    });
    resolver.async_resolve(
        line.url.host, line.url.port, [this, exchange](beast::error_code error, const auto& results) {
          exchange->looking_up = false;
          exchange->patience.cancel();
          if (!exchange->done || !exchange->line) return;
          if (error) return give_up(exchange, "find the host", error);
          exchange->line->lowest().async_connect(results, [this, exchange](beast::error_code failed, const auto&) {
            if (failed) return give_up(exchange, "connect", failed);
            handshake(exchange);
          });
        });
  }

  void handshake(const ExchangePtr& exchange) {
    Line& line = *exchange->line;
    if (!line.tls) return write(exchange);
    SSL_set_tlsext_host_name(line.tls->native_handle(), line.url.host.c_str());
    line.tls->set_verify_callback(asio::ssl::host_name_verification(line.url.host));
    line.tls->async_handshake(asio::ssl::stream_base::client, [this, exchange](beast::error_code error) {
      if (error) return give_up(exchange, "agree on TLS", error);
      write(exchange);
    });
  }

  template <class Handler>
  void with_stream(Line& line, Handler handler) {
    if (line.tls) handler(*line.tls);
    else handler(*line.plain);
  }

  void write(const ExchangePtr& exchange) {
    with_stream(*exchange->line, [&](auto& stream) {
      http::async_write(stream, exchange->out, [this, exchange](beast::error_code error, std::size_t) {
        if (error) return retry_or_give_up(exchange, "send", error);
        read(exchange);
      });
    });
  }

  void read(const ExchangePtr& exchange) {
    exchange->in.emplace();
    exchange->in->body_limit(kResponseMax);
    exchange->in->header_limit(kResponseHeadMax);
    exchange->in->skip(exchange->request.method == Method::head);
    with_stream(*exchange->line, [&](auto& stream) {
      http::async_read(stream, exchange->line->buffer, *exchange->in,
                       [this, exchange](beast::error_code error, std::size_t) {
                         if (error) return retry_or_give_up(exchange, "read the answer", error);
                         finish(exchange);
                       });
    });
  }

  void keep(std::unique_ptr<Line> line) {
    const std::string key = line->key();
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
    if (exchange->line->used_before && nothing_came && harmless && error != beast::error::timeout) {
      return connect(exchange);
    }
    give_up(exchange, doing, error);
  }

  void finish(const ExchangePtr& exchange) {
    auto message = exchange->in->release();
    Line& line = *exchange->line;
    line.used_before = true;
    line.lowest().expires_never();
    if (message.keep_alive()) keep(std::move(exchange->line));
    exchange->answer(from_message(message));
  }
};

HttpClient::HttpClient() : inside_(std::make_unique<Inside>()) {}
HttpClient::~HttpClient() = default;

void HttpClient::send(OutgoingRequest request, Done done) {
  auto exchange = std::make_shared<Exchange>(inside_->context);
  exchange->request = std::move(request);
  exchange->done = std::move(done);
  asio::post(inside_->context, [inside = inside_.get(), exchange] { inside->begin(exchange); });
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
