#include "net/mqtt.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include "base/file.h"
#include "test/net/certificate.h"
#include "test/net/mqtt_fixture.h"

namespace cityloop::net {
namespace {

using base::Errc;

TEST_F(MqttTest, DeliversWhatIsPublishedInOrderAndCountsIt) {
  Inbox inbox;
  const auto subscriber = connect(options("s", &inbox));
  publish_all(500);
  ASSERT_TRUE(soon([&] { return inbox.size() >= 500; }));
  for (int i = 0; i < 500; ++i) ASSERT_EQ(inbox.payloads[std::size_t(i)], fmt::format("message {}", i));
  EXPECT_EQ(inbox.messages.front().topic, "t/x");
  EXPECT_FALSE(inbox.messages.front().retained);
  ASSERT_TRUE(soon([&] { return subscriber->stats().acknowledged == 500; }));
  const auto stats = subscriber->stats();
  EXPECT_EQ(stats.received, 500u);
  EXPECT_EQ(stats.connects, 1u);
  EXPECT_EQ(stats.disconnects, 0u);
  EXPECT_EQ(stats.last_error, "");
  EXPECT_GT(stats.last_message, base::kNever);
}

TEST_F(MqttTest, PayloadsAreBytesOfAnyKindAndSize) {
  Inbox inbox;
  const auto subscriber = connect(options("s", &inbox));
  const auto publisher = connect(options("p"));
  const std::string zero("a\0b\xff", 4), large(3'000'000, 'x');
  for (const std::string& payload : {std::string{}, zero, large}) publisher->publish("t/x", payload);
  ASSERT_TRUE(soon([&] { return inbox.size() == 3; }));
  EXPECT_EQ(inbox.payloads, (std::vector<std::string>{"", zero, large}));
}

TEST_F(MqttTest, ABatchIsNeverLargerThanAskedForAndMessagesAreGatheredWhileTheReceiverIsBusy) {
  leave_session("s");
  publish_all(1000);
  Inbox inbox;
  MqttOptions slow = options("s", &inbox);
  slow.batch_max = 100;
  slow.on_messages = [keep = inbox.receiver()](std::vector<MqttMessage> batch) {
    std::this_thread::sleep_for(10ms);
    return keep(std::move(batch));
  };
  const auto subscriber = connect(slow);
  ASSERT_TRUE(soon([&] { return inbox.size() >= 1000; }));
  EXPECT_LE(*std::max_element(inbox.batches.begin(), inbox.batches.end()), 100u);
  EXPECT_LT(inbox.batches.size(), 200u) << "one by one is no batch";
}

TEST_F(MqttTest, WhatCouldNotBeKeptComesAgain) {
  leave_session("s");
  publish_all(300);
  Inbox inbox;
  inbox.refuse_next = 2;
  const auto subscriber = connect(options("s", &inbox));
  ASSERT_TRUE(soon([&] { return inbox.different().size() == 300; }));
  EXPECT_EQ(inbox.different(), numbers(300));
  EXPECT_EQ(inbox.size(), 300u) << "a refused batch is delivered once more, an acknowledged one is not";
  EXPECT_EQ(subscriber->stats().disconnects, 2u);
  EXPECT_EQ(subscriber->stats().acknowledged, 300u);
  EXPECT_GT(subscriber->stats().received, 300u);
}

TEST_F(MqttTest, ARefusalIsToldWhileItLastsAndForgottenAfterwards) {
  leave_session("s");
  publish_all(1);
  Inbox inbox;
  inbox.refuse_next = 1000;
  const auto subscriber = MqttClient::start(options("s", &inbox)).value();
  ASSERT_TRUE(soon([&] { return !subscriber->stats().last_error.empty(); }));
  EXPECT_THAT(subscriber->stats().last_error, testing::HasSubstr("could not be kept"));
  inbox.refuse_next = 0;
  ASSERT_TRUE(soon([&] { return inbox.size() == 1 && subscriber->stats().last_error.empty(); }));
}

TEST_F(MqttTest, WhatWasAcknowledgedDoesNotComeAgainAfterARestart) {
  Inbox first, second;
  auto subscriber = connect(options("s", &first));
  publish_all(200);
  ASSERT_TRUE(soon([&] { return first.size() == 200; }));
  subscriber.reset();
  publish_all(10, "t/later");
  subscriber = connect(options("s", &second));
  ASSERT_TRUE(soon([&] { return second.size() == 10; }));
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(second.size(), 10u) << "only what came while nobody listened";
  EXPECT_EQ(second.messages.front().topic, "t/later");
}

// A subscriber in a process of its own that waits for `go`, keeps what it is given in a file as a durable receiver
// does, and is killed inside on_messages with a batch in its hands.
class Victim {
 public:
  Victim(MqttOptions options, int dies_in_batch)
      : kept_(std::filesystem::temp_directory_path() /
              fmt::format("cityloop-victim-{}-{}", ::getpid(), reinterpret_cast<std::uintptr_t>(this))),
        held_(kept_.string() + "-held") {
    if (::pipe(go_) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) live(std::move(options), dies_in_batch);
  }
  ~Victim() {
    ::close(go_[0]);
    ::close(go_[1]);
    std::filesystem::remove(kept_);
    std::filesystem::remove(held_);
  }
  int run() {  // gives the signal that ended it, or 0
    if (::write(go_[1], "g", 1) != 1) return 0;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
  std::set<std::string> kept() const { return lines(kept_); }
  std::set<std::string> held() const { return lines(held_); }

 private:
  static std::set<std::string> lines(const std::filesystem::path& path) {
    std::set<std::string> out;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) out.insert(line);
    return out;
  }
  static void append(const std::filesystem::path& path, const std::vector<MqttMessage>& batch) {
    const int file = ::open(path.c_str(), O_CREAT | O_APPEND | O_WRONLY, 0600);
    std::string text;
    for (const MqttMessage& message : batch) text += message.payload + "\n";
    if (::write(file, text.data(), text.size()) != ssize_t(text.size()) || ::fdatasync(file) != 0) std::abort();
    ::close(file);
  }
  [[noreturn]] void live(MqttOptions options, int dies_in_batch) {
    ::alarm(60);  // never outlives its test for long
    char byte;
    if (::read(go_[0], &byte, 1) != 1) ::_exit(1);
    int batches = 0;
    options.on_messages = [&](std::vector<MqttMessage> batch) {
      if (++batches == dies_in_batch) {
        append(held_, batch);
        std::this_thread::sleep_for(kTimeToBetray);
        ::kill(::getpid(), SIGKILL);
      }
      append(kept_, batch);
      return true;
    };
    const auto client = MqttClient::start(std::move(options)).value();
    while (true) ::pause();
  }

  std::filesystem::path kept_, held_;
  int go_[2]{};
  pid_t pid_{0};
};

TEST_F(MqttTest, AKillInTheMiddleOfABatchLosesNothing) {
  MqttOptions victim_options = options("s");
  victim_options.subscriptions = {"t/#"};
  victim_options.batch_max = 100;
  // Forked before this test has threads of its own.
  Victim first(victim_options, 1), second(victim_options, 4), third(victim_options, 2);
  leave_session("s");
  publish_all(1000);
  std::set<std::string> kept, held;
  for (Victim* victim : {&first, &second, &third}) {
    ASSERT_EQ(victim->run(), SIGKILL);
    EXPECT_FALSE(victim->held().empty());
    kept.merge(victim->kept());
    held.merge(victim->held());
  }
  EXPECT_TRUE(first.kept().empty());
  EXPECT_FALSE(second.kept().empty());
  Inbox rest;
  const auto survivor = connect(options("s", &rest));
  const auto all = [&] {
    std::set<std::string> out = kept;
    out.merge(rest.different());
    return out;
  };
  ASSERT_TRUE(soon([&] { return all().size() == 1000; })) << all().size() << " of 1000";
  EXPECT_EQ(all(), numbers(1000));
  for (const std::string& one : third.held()) EXPECT_TRUE(rest.different().contains(one)) << one;
}

TEST_F(MqttTest, ComesBackWhenTheBrokerDoesAndSendsWhatWaited) {
  Inbox inbox;
  const auto subscriber = connect(options("s", &inbox));
  std::atomic<int> taken{0}, refused{0};
  const auto publisher = connect(options("p"));
  broker_->end();
  ASSERT_TRUE(soon([&] { return !subscriber->connected() && !publisher->connected(); }));
  for (int i = 0; i < 500; ++i) {
    publisher->publish("t/x", fmt::format("message {}", i), [&](bool ok) { ++(ok ? taken : refused); });
  }
  ASSERT_TRUE(soon([&] { return subscriber->stats().last_error.find("Connection refused") != std::string::npos; }));
  EXPECT_EQ(taken, 0);
  ASSERT_TRUE(broker_->begin()) << "on the same port";
  ASSERT_TRUE(soon([&] { return subscriber->connected(); }));
  ASSERT_TRUE(soon([&] { return taken == 500; })) << taken << " " << refused;
  // The broker has lost its sessions, so what came before the subscriber was back is not its to deliver; what comes
  // now is.
  publish_all(20, "t/again");
  ASSERT_TRUE(soon([&] { return inbox.size() >= 20 && inbox.messages.back().topic == "t/again"; }));
  EXPECT_EQ(subscriber->stats().connects, 2u);
  EXPECT_EQ(subscriber->stats().disconnects, 1u);
  EXPECT_EQ(subscriber->stats().last_error, "");
}

TEST_F(MqttTest, WaitsLongerAfterEachFailureToConnect) {
  broker_->end();
  MqttOptions alone = options("s");
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = loopback(broker_->port());
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 64), 0);
  // A broker that closes every connection: each attempt is seen, once as a question and once as the attempt itself.
  std::atomic<int> seen{0};
  std::vector<std::chrono::steady_clock::time_point> at;
  std::thread closing([&] {
    for (int one; (one = ::accept(listener, nullptr, nullptr)) >= 0; ::close(one)) {
      at.push_back(std::chrono::steady_clock::now());
      ++seen;
    }
  });
  {
    const auto client = MqttClient::start(alone).value();
    ASSERT_TRUE(soon([&] { return seen >= 10; }));
    EXPECT_FALSE(client->connected());
    EXPECT_EQ(client->stats().connects, 0u);
  }
  ::shutdown(listener, SHUT_RDWR);
  closing.join();
  ::close(listener);
  // Attempts 1 to 5 with 0.1, 0.2, 0.4 and 0.8 s between, each cut to no less than half by the jitter.
  EXPECT_GE(at[8] - at[0], 700ms);
}

TEST_F(MqttTest, TheQueueOfWhatIsToBeSentIsBounded) {
  broker_->end();
  std::atomic<int> taken{0}, refused{0};
  {
    const auto publisher = MqttClient::start(options("p")).value();
    for (int i = 0; i < 10'000; ++i) publisher->publish("t/x", "m", [&](bool ok) { ++(ok ? taken : refused); });
    EXPECT_EQ(refused, 0);
    publisher->publish("t/x", "one too many", [&](bool ok) { ++(ok ? taken : refused); });
    EXPECT_EQ(refused, 1) << "at once";
    EXPECT_EQ(publisher->stats().publish_failed, 1u);
  }
  EXPECT_EQ(taken, 0);
  EXPECT_EQ(refused, 10'001) << "whoever waits for an answer gets one when the client ends";
}

TEST_F(MqttTest, EndingSendsWhatWaits) {
  Inbox inbox;
  const auto subscriber = connect(options("s", &inbox));
  std::atomic<int> taken{0};
  {
    const auto publisher = connect(options("p"));
    for (int i = 0; i < 300; ++i)
      publisher->publish("t/x", fmt::format("message {}", i), [&](bool ok) { taken += ok; });
  }
  EXPECT_EQ(taken, 300);
  EXPECT_TRUE(soon([&] { return inbox.size() == 300; }));
}

TEST_F(MqttTest, AMessageThatCannotBeSentIsRefusedAndTheNextIsSent) {
  Inbox inbox;
  const auto subscriber = connect(options("s", &inbox));
  std::atomic<int> taken{0}, refused{0};
  const auto publisher = connect(options("p"));
  for (const char* topic : {"t/+/wild", "", "t/fine"}) {
    publisher->publish(topic, "m", [&](bool ok) { ++(ok ? taken : refused); });
  }
  ASSERT_TRUE(soon([&] { return taken + refused == 3; }));
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(publisher->stats().publish_failed, 2u);
  EXPECT_TRUE(soon([&] { return inbox.size() == 1; }));
  EXPECT_EQ(publisher->stats().disconnects, 0u);
}

TEST_F(MqttTest, SharersOfASubscriptionEachTakeAPartAndTogetherAll) {
  Inbox one, two;
  const auto a = connect(options("a", &one, {"$share/city/t/#"}));
  const auto b = connect(options("b", &two, {"$share/city/t/#"}));
  publish_all(400);
  ASSERT_TRUE(soon([&] { return one.size() + two.size() >= 400; }));
  EXPECT_GT(one.size(), 0u);
  EXPECT_GT(two.size(), 0u);
  auto both = one.different();
  both.merge(two.different());
  EXPECT_EQ(both, numbers(400));
  EXPECT_EQ(one.size() + two.size(), 400u) << "each message to one of them";
}

TEST_F(MqttTest, SeveralSubscriptionsAndRetainedMessages) {
  // libmosquitto itself, as our client does not retain what it publishes.
  const std::string command =
      fmt::format("mosquitto_pub -h 127.0.0.1 -p {} -t level/1 -m 2.5 -r -q 1", broker_->port());
  if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no mosquitto_pub on this machine";
  Inbox inbox;
  auto subscriber = connect(options("s", &inbox, {"level/+", "other/#"}));
  ASSERT_TRUE(soon([&] { return inbox.size() == 1; }));
  EXPECT_TRUE(inbox.messages.front().retained);
  publish_all(1, "other/x");
  ASSERT_TRUE(soon([&] { return inbox.size() == 2; }));
  EXPECT_FALSE(inbox.messages.back().retained);
  subscriber.reset();
  Inbox again;
  subscriber = connect(options("s", &again, {"level/+", "other/#"}));
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(again.size(), 0u) << "a session that goes on is not told what it knows";
}

TEST_F(MqttTest, PublishesFromManyThreads) {
  Inbox inbox;
  const auto subscriber = connect(options("s", &inbox));
  std::atomic<int> taken{0};
  const auto publisher = connect(options("p"));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 250; ++i) {
        publisher->publish("t/x", fmt::format("message {}", t * 250 + i), [&](bool ok) { taken += ok; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(soon([&] { return taken == 1000 && inbox.size() == 1000; }));
  EXPECT_EQ(inbox.different(), numbers(1000));
}

TEST_F(MqttTest, EndsAtOnceWhileNobodyAnswers) {
  broker_->end();
  const auto begun = std::chrono::steady_clock::now();
  {
    const auto refused = MqttClient::start(options("s")).value();
    std::this_thread::sleep_for(300ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
}

TEST(MqttClient, RefusesOptionsThatMakeNoSense) {
  const auto code = [](MqttOptions options) {
    const auto client = MqttClient::start(std::move(options));
    return client ? std::optional<Errc>{} : client.error().code;
  };
  MqttOptions fine;
  fine.client_id = "x";
  fine.on_messages = [](const auto&) { return true; };
  MqttOptions no_id = fine, no_port = fine, no_batch = fine, no_receiver = fine;
  no_id.client_id.clear();
  no_port.port = 0;
  no_batch.batch_max = 0;
  no_receiver.subscriptions = {"t"};
  no_receiver.on_messages = nullptr;
  for (const MqttOptions& wrong : {no_id, no_port, no_batch, no_receiver}) EXPECT_EQ(code(wrong), Errc::invalid);
  for (const char* filter : {"", "a#", "a/+b", "$share/g", "$share//t", "$share/g/"}) {
    MqttOptions wrong = fine;
    wrong.subscriptions = {"fine/#", filter};
    EXPECT_EQ(code(wrong), Errc::invalid) << filter;
  }
}

TEST(MqttTls, SpeaksTlsAndRefusesABrokerItDoesNotTrust) {
  if (!Broker::available()) GTEST_SKIP() << "no " << Broker::kProgram << " on this machine (apt install mosquitto)";
  const Certificate certificate, other;
  const auto broker =
      Broker::start(fmt::format("certfile {}\nkeyfile {}", certificate.certificate_file(), certificate.key_file()));
  ASSERT_TRUE(broker);
  Inbox inbox;
  MqttOptions options;
  options.port = broker->port();
  options.client_id = "s";
  options.ca_file = certificate.certificate_file();
  options.subscriptions = {"t/#"};
  options.on_messages = inbox.receiver();
  std::atomic<int> taken{0};
  const auto client = MqttClient::start(options).value();
  ASSERT_TRUE(soon([&] { return client->connected(); })) << client->stats().last_error;
  for (int i = 0; i < 300; ++i) client->publish("t/x", fmt::format("message {}", i), [&](bool ok) { taken += ok; });
  ASSERT_TRUE(soon([&] { return taken == 300 && inbox.size() == 300; }));
  MqttOptions deceived = options;
  deceived.client_id = "d";
  deceived.ca_file = other.certificate_file();
  const auto careful = MqttClient::start(deceived).value();
  ASSERT_TRUE(soon([&] { return !careful->stats().last_error.empty(); }));
  EXPECT_FALSE(careful->connected());
}

TEST(MqttPassword, ABrokerThatRefusesUsIsToldAsSuch) {
  if (!Broker::available()) GTEST_SKIP() << "no " << Broker::kProgram << " on this machine (apt install mosquitto)";
  const auto broker = Broker::start("allow_anonymous false");
  ASSERT_TRUE(broker);
  MqttOptions options;
  options.port = broker->port();
  options.client_id = "s";
  options.user = "nobody";
  options.password = "guess";
  const auto client = MqttClient::start(options).value();
  ASSERT_TRUE(soon([&] { return !client->stats().last_error.empty(); }));
  EXPECT_THAT(client->stats().last_error, testing::ContainsRegex("[Nn]ot authori[sz]ed"));
  EXPECT_THAT(client->stats().last_error, testing::Not(testing::HasSubstr("guess")));
  EXPECT_FALSE(client->connected());
}

}  // namespace
}  // namespace cityloop::net
