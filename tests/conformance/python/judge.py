"""Reads and writes events with the CloudEvents SDK for Python, and validates with jsonschema.

One JSON request on standard input, one JSON answer on standard output; bodies are hexadecimal.
"""

import json
import sys
import warnings
from datetime import datetime

from cloudevents.core.bindings import amqp, http, kafka, rabbitmq
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1 import http as older
from dateutil.parser import isoparse


def split_content_type(headers):
    rest = {name: value for name, value in headers.items() if name != "content-type"}
    return rest, headers.get("content-type")


def read_http(headers, key, body):
    return http.from_http_event(http.HTTPMessage(headers=headers, body=body))


def read_older_http(headers, key, body):
    return older.from_http(headers, body)


def read_kafka(headers, key, body):
    encoded = {name: value.encode() for name, value in headers.items()}
    return kafka.from_kafka_event(kafka.KafkaMessage(headers=encoded, key=key, value=body))


def read_amqp(headers, key, body):
    rest, content_type = split_content_type(headers)
    properties = {} if content_type is None else {"content-type": content_type}
    return amqp.from_amqp_event(
        amqp.AMQPMessage(properties=properties, application_properties=rest, application_data=body)
    )


def read_rabbitmq(headers, key, body):
    rest, content_type = split_content_type(headers)
    return rabbitmq.from_rabbitmq_event(
        rabbitmq.RabbitMQMessage(headers=rest, content_type=content_type, body=body)
    )


READERS = {
    "http": read_http,
    "older-http": read_older_http,
    "kafka": read_kafka,
    "amqp": read_amqp,
    "rabbitmq": read_rabbitmq,
}


def plain(value):
    return value.isoformat() if isinstance(value, datetime) else value


def read(case):
    try:
        body = bytes.fromhex(case["body"])
        event = READERS[case["binding"]](dict(case["headers"]), case["key"], body)
        attributes = {name: plain(value) for name, value in event.get_attributes().items()}
        data = event.get_data()
        # A payload the SDK could not take apart is handed back whole.
        data = data.hex() if isinstance(data, bytes) else data
        return {"accepted": True, "attributes": attributes, "data": data}
    except Exception as error:
        return {"accepted": False, "error": f"{type(error).__name__}: {error}"}


def write(case):
    attributes = dict(case["attributes"])
    data = bytes.fromhex(case["bytes"]) if "bytes" in case else case["data"]
    binding, binary = case["binding"], case["mode"] == "binary"
    if binding == "older-http":
        event = older.CloudEvent(attributes, data)
        headers, body = (older.to_binary if binary else older.to_structured)(event)
        # It hands numbers and booleans to the HTTP library as they are.
        headers = [(name, str(value)) for name, value in headers.items()]
        return {"headers": headers, "body": bytes(body).hex()}
    attributes["time"] = isoparse(attributes["time"])
    event = CloudEvent(attributes=attributes, data=data)
    if binding == "http":
        message = (http.to_binary_event if binary else http.to_structured_event)(event)
        headers, body = message.headers, message.body
    elif binding == "kafka":
        message = (kafka.to_binary_event if binary else kafka.to_structured_event)(event)
        headers, body = {name: value.decode() for name, value in message.headers.items()}, message.value
    elif binding == "rabbitmq":
        message = (rabbitmq.to_binary_event if binary else rabbitmq.to_structured_event)(event)
        headers, body = dict(message.headers), message.body
        if message.content_type is not None:
            headers["content-type"] = message.content_type
    else:
        raise ValueError(f"nothing writes {binding}")
    return {"headers": list(headers.items()), "body": bytes(body).hex()}


def validate(case):
    # Slow to load, and most requests have no schema.
    from jsonschema import Draft202012Validator, FormatChecker

    schema = case["schema"]
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return {
        "errors": [error.message for sample in case["samples"] for error in validator.iter_errors(sample)],
        "refused": [not validator.is_valid(sample) for sample in case["broken"]],
    }


warnings.simplefilter("ignore")
request = json.load(sys.stdin)
answer = {
    "read": [read(case) for case in request["read"]],
    "write": [write(case) for case in request["write"]],
    "schemas": [validate(case) for case in request["schemas"]],
}
# Half a surrogate pair, which the SDK may let through, is no UTF-8.
sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode(errors="replace"))
