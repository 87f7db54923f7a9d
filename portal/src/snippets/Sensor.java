// java Sensor.java, nothing to install
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

class Sensor {
    public static void main(String[] args) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        while (true) {
            HttpRequest reading = HttpRequest.newBuilder(URI.create("{{URL}}/api/v1/telemetry"))
                    .header("Authorization", "Bearer {{TOKEN}}")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"temperature\": 21.5}"))
                    .build();
            System.out.println(client.send(reading, HttpResponse.BodyHandlers.ofString()).statusCode());
            Thread.sleep(1000);
        }
    }
}
